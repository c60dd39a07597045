"""Words about time, numbers and what is not built yet (WF00xx, WF01xx)."""

WORDS: dict[str, tuple[str, str]] = {
    "WF0001.what": ("{part} is not built yet", "{part} 尚未实现"),
    "WF0001.mend": ("use a part that is built, or follow the changelog", "请使用已实现的功能，或关注更新日志"),
    "WF0101.what": ("`{text}` is not a duration", "`{text}` 不是有效的时长"),
    "WF0101.mend": ("write a number and a unit: 30s, 15m, 1h, 7d or 2w", "请写数字加单位：30s、15m、1h、7d 或 2w"),
    "WF0102.what": ("`{text}` is not an instant", "`{text}` 不是有效的时间"),
    "WF0102.mend": ("write RFC 3339, such as 2026-03-01T10:00:00+08:00", "请使用 RFC 3339，例如 2026-03-01T10:00:00+08:00"),
    "WF0103.what": ("`{text}` is not a time zone", "`{text}` 不是有效的时区"),
    "WF0103.mend": ("write an IANA name, such as Asia/Shanghai", "请使用 IANA 时区名，例如 Asia/Shanghai"),
}
