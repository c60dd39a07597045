"""The contact room: may we, now?"""
