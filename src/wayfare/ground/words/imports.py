"""Words about importing files (WF7xxx)."""

WORDS: dict[str, tuple[str, str]] = {
    "WF7001.what": ("there is no such file", "文件不存在"),
    "WF7001.mend": ("check the path", "请检查路径"),
    "WF7002.what": ("files of the form `{suffix}` cannot be read", "无法读取 `{suffix}` 格式的文件"),
    "WF7002.mend": (
        "give .csv, .jsonl (both also .gz), .parquet or .xlsx",
        "请提供 .csv、.jsonl（均可为 .gz）、.parquet 或 .xlsx",
    ),
    "WF7003.what": ("the file cannot be read: {cause}", "无法读取该文件：{cause}"),
    "WF7003.mend": (
        "check that it is whole, and that text is UTF-8; what was imported before stays and is not counted twice",
        "请确认文件完整、文本为 UTF-8 编码；已导入的部分保留，再次导入不会重复计入",
    ),
    "WF7004.what": ("`{text}` maps nothing", "`{text}` 不是有效的映射"),
    "WF7004.mend": (
        "write profile=COL,event=COL,time=COL and, if needed, id=COL, channel=COL, key.ENTITY=COL, each once",
        "请写 profile=列,event=列,time=列，按需加 id=列、channel=列、key.实体=列，每项一次",
    ),
    "WF7005.what": ("the map names no profile column or no time column", "映射中缺少 profile 列或 time 列"),
    "WF7005.mend": ("add profile=COL and time=COL", "请补上 profile=列 与 time=列"),
    "WF7006.what": ("nothing says what the events are called", "没有指明事件名称"),
    "WF7006.mend": (
        "map event=COL, or name all of them with --event NAME",
        "请映射 event=列，或用 --event 名称 统一命名",
    ),
    "WF7007.what": ("there is no column `{column}`", "没有名为 `{column}` 的列"),
    "WF7007.mend": ("did you mean {nearest}?", "是否想写：{nearest}？"),
    "WF7101.what": ("a row has not the columns of its file", "该行的列与文件不符"),
    "WF7101.mend": ("mend the line in the file and import it again", "请在文件中修正该行后重新导入"),
}
