"""Words about the executor, its commands and its ledger (WF64xx)."""

_DEFECT = (
    "this is a defect: run `wayfare verify` and report what it says",
    "这是程序缺陷：请运行 `wayfare verify` 并反馈结果",
)

WORDS: dict[str, tuple[str, str]] = {
    "WF6402.what": ("profile {profile} is not in the store", "存储中没有用户 {profile}"),
    "WF6402.mend": _DEFECT,
    "WF6403.what": (
        "version {version} of journey {journey} is not in the ledger",
        "账本中没有旅程 {journey} 的版本 {version}",
    ),
    "WF6403.mend": _DEFECT,
    "WF6404.what": (
        "a step asked for {effect}, which nothing carries out yet",
        "步骤请求了尚无法执行的效果 {effect}",
    ),
    "WF6404.mend": _DEFECT,
    "WF6405.what": ("the command {kind} is not known", "未知的命令 {kind}"),
    "WF6405.mend": _DEFECT,
    "WF6406.what": ("there is no person {profile}", "没有用户 {profile}"),
    "WF6406.mend": (
        "give a profile id, `namespace:value`, a userId or an anonymousId",
        "请提供用户 ID、`命名空间:值`、userId 或 anonymousId",
    ),
    "WF6407.what": ("there is no message {message}", "没有消息 {message}"),
    "WF6407.mend": (
        "look the id up with `wayfare dump messages`",
        "请用 `wayfare dump messages` 查询消息 ID",
    ),
    "WF6408.what": ("there is no task {task}", "没有任务 {task}"),
    "WF6408.mend": ("look the id up in the list of tasks", "请在任务列表中查询任务 ID"),
    "WF6409.what": ("task {task} is {state} already", "任务 {task} 已是 {state} 状态"),
    "WF6409.mend": ("only an open task can be done", "只有未完成的任务才能办结"),
    "WF6410.what": ("`{outcome}` is not an outcome of this task", "`{outcome}` 不是该任务的结果选项"),
    "WF6410.mend": ("use one of: {known}", "请使用：{known}"),
    "WF6411.what": ("enrollment {enrollment} is not live", "旅程记录 {enrollment} 不在进行中"),
    "WF6411.mend": ("only a person who is in the journey can be taken out", "只有仍在旅程中的人才能移出"),
    "WF6412.what": ("the engine has stopped: {detail}", "引擎已停止：{detail}"),
    "WF6412.mend": (
        "start `wayfare serve` again; what was accepted is safe",
        "请重新启动 `wayfare serve`；已接收的数据是安全的",
    ),
    "WF6414.what": ("a timer could not fire: {detail}", "定时器无法触发：{detail}"),
    "WF6414.mend": _DEFECT,
    "WF6413.what": (
        "the numbers of {journey}, node {node}, do not balance",
        "旅程 {journey} 节点 {node} 的数字不平衡",
    ),
    "WF6413.mend": _DEFECT,
}
