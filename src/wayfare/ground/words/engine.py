"""Words about the engine, its stores and its ledger (WF6xxx)."""

WORDS: dict[str, tuple[str, str]] = {
    "WF6001.what": ("profile {profile} owns an identifier but is not in the store", "用户 {profile} 拥有标识，但存储中没有该用户"),
    "WF6001.mend": (
        "this is a defect of wayfare: keep `data/` as it is and report it",
        "这是 wayfare 的缺陷：请保留 `data/` 原样并反馈",
    ),
    "WF6002.what": ("SQLite {found} is too old: before {needed} a write-ahead log can be corrupted", "SQLite {found} 版本过低：{needed} 之前的版本可能损坏预写日志"),
    "WF6002.mend": ("install a newer apsw: pip install -U apsw", "请安装更新的 apsw：pip install -U apsw"),
    "WF6003.what": ("{file} cannot be opened as it must be: {setting} is {found}", "{file} 无法按要求打开：{setting} 为 {found}"),
    "WF6003.mend": (
        "put `data/` on a local disk that supports write-ahead logging and locks",
        "请把 `data/` 放在支持预写日志和文件锁的本地磁盘上",
    ),
    "WF6004.what": ("the store cannot be written: {cause}", "存储无法写入：{cause}"),
    "WF6004.mend": ("free disk space or allow writing to `data/`, then send again; nothing was accepted", "请释放磁盘空间或授予 `data/` 的写权限后重新发送；本次内容均未接收"),
    "WF6005.what": ("the log stopped accepting after a failed write: {cause}", "一次写入失败后日志已停止接收：{cause}"),
    "WF6005.mend": (
        "check the disk and start `wayfare serve` again; everything accepted before is safe",
        "请检查磁盘并重新启动 `wayfare serve`；此前已接收的内容都已安全保存",
    ),
    "WF6006.what": ("migration {name} was changed after it had been applied", "迁移 {name} 在执行之后被修改过"),
    "WF6006.mend": ("restore the file from the release that you run", "请从当前使用的发行版恢复该文件"),
    "WF6007.what": ("the store was written by a newer wayfare (migration {name})", "该存储由更新版本的 wayfare 写入（迁移 {name}）"),
    "WF6007.mend": ("run that version or a newer one", "请使用该版本或更新的版本"),
    "WF6008.what": ("the log is closed", "日志已关闭"),
    "WF6008.mend": ("send again when the server is up", "请在服务启动后重新发送"),
}
