"""The API room: people and programs come in over HTTP."""
