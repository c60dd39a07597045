"""Words about contact policy, messages, templates and channels (WF4xxx)."""

WORDS: dict[str, tuple[str, str]] = {
    "WF4001.what": ("`{name}` is not known here", "此处不支持 `{name}`"),
    "WF4001.mend": ("did you mean {nearest}?", "您是否想写 {nearest}？"),
    "WF4002.what": ("`{name}` is missing", "缺少 `{name}`"),
    "WF4002.mend": ("add `{name}`", "请补充 `{name}`"),
    "WF4003.what": ("`{value}` is not what belongs here", "`{value}` 的类型不对"),
    "WF4003.mend": ("expected: {expected}", "应为：{expected}"),
    "WF4004.what": ("`{value}` is not one of the choices", "`{value}` 不在可选范围内"),
    "WF4004.mend": ("write one of: {known}", "请从以下选项中选择：{known}"),
    "WF4005.what": ("`{value}` is not a time of day", "`{value}` 不是有效的时刻"),
    "WF4005.mend": ('write hours and minutes in quotes, such as "21:00"', '请写带引号的时和分，例如 "21:00"'),
    "WF4006.what": ("quiet hours that begin and end at the same time", "免打扰时段的开始和结束相同"),
    "WF4006.mend": (
        "let `to` differ from `from`; to stop all sends use the kill switch or a pause",
        "请让 `to` 与 `from` 不同；若要全部停发，请使用一键停发或暂停规则",
    ),
    "WF4007.what": ("`{value}` is not a calendar period", "`{value}` 不是日历周期"),
    "WF4007.mend": (
        "write one of: {known}; for a duration use window: rolling",
        "请从以下选项中选择：{known}；若按时长计算，请使用 window: rolling",
    ),
    "WF4008.what": ("a condition here cannot know `{name}`", "此处的条件无法读取 `{name}`"),
    "WF4008.mend": ("use `profile` and `now`", "请使用 `profile` 和 `now`"),
    "WF4101.what": (
        "this is not valid in a template: {detail} (line {line}, column {column})",
        "模板语法错误：{detail}（第 {line} 行，第 {column} 列）",
    ),
    "WF4101.mend": ("mend the Liquid or the front matter at that place", "请修正该处的 Liquid 或文件头"),
    "WF4102.what": (
        "templates have no name `{name}` (line {line}, column {column})",
        "模板中没有名称 `{name}`（第 {line} 行，第 {column} 列）",
    ),
    "WF4102.mend": ("did you mean {nearest}?", "您是否想写 {nearest}？"),
    "WF4201.what": (
        "the message needs `{name}`, which this person does not have",
        "消息需要 `{name}`，但该用户没有这个值",
    ),
    "WF4201.mend": (
        "give the value a default in the template: {{{{ {name} | default: '…' }}}}",
        "请在模板中设置默认值：{{{{ {name} | default: '…' }}}}",
    ),
    "WF4202.what": ("the message cannot be rendered: {name}", "消息无法生成：{name}"),
    "WF4202.mend": ("mend the template and preview it with this person", "请修正模板，并以该用户预览"),
    "WF4203.what": ("there is no template `{name}`", "没有名为 `{name}` 的模板"),
    "WF4203.mend": (
        "add templates/{name}.liquid, or name another template in the send",
        "请新建 templates/{name}.liquid，或在触达节点中改用其他模板",
    ),
    "WF4301.what": ("the local inbox cannot keep its messages safely", "本地收件箱无法安全保存消息"),
    "WF4301.mend": ("put the workspace on a local disk", "请将工作区放在本地磁盘上"),
    # why a message does not go, as people read it
    "reason.kill_switch": ("the kill switch is on", "已一键停发"),
    "reason.ttl": ("too late: its time to live is over", "已超过有效期"),
    "reason.no_consent": ("no consent", "未获得同意"),
    "reason.suppression_list": ("the address is on the suppression list", "地址在禁发名单中"),
    "reason.no_address": ("no address for the channel", "缺少该渠道的联系地址"),
    "reason.already_sent": (
        "the person already got this message before profiles were merged",
        "合并前已发送过该消息",
    ),
    "reason.quiet_hours": ("quiet hours", "处于免打扰时段"),
    "reason.cap": ("the cap is reached", "已达到频次上限"),
    "reason.pause": ("contact is paused for this person", "已暂停触达该用户"),
    "reason.left": ("the person left the journey first", "用户已先离开旅程"),
    "reason.unknown_outcome": ("the provider's answer is not known", "服务商的发送结果未知"),
}
