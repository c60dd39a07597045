"""Words about conditions: errors (WF13xx) and the parts of a rule said as a sentence."""

WORDS: dict[str, tuple[str, str]] = {
    "WF1301.what": (
        "a value is expected at column {column}, not `{found}`",
        "第 {column} 列应为一个值，而不是 `{found}`",
    ),
    "WF1301.mend": (
        "write a path such as event.properties.price, a number, a text in quotes, or a bracket",
        "请写路径（如 event.properties.price）、数字、带引号的文本或括号",
    ),
    "WF1302.what": (
        "the condition has {size} bytes, more than {limit}",
        "条件有 {size} 字节，超过上限 {limit}",
    ),
    "WF1302.mend": (
        "split it: put a part into a segment and ask in_segment",
        "请拆分：把一部分存为分群，再用 in_segment 引用",
    ),
    "WF1303.what": (
        "the condition has {count} entries, more than {limit}",
        "条件有 {count} 项，超过上限 {limit}",
    ),
    "WF1303.mend": (
        "split it: put a part into a segment and ask in_segment",
        "请拆分：把一部分存为分群，再用 in_segment 引用",
    ),
    "WF1304.what": ("the condition is nested deeper than {limit} levels", "条件嵌套超过 {limit} 层"),
    "WF1304.mend": ("flatten the groups, or put a part into a segment", "请减少分组嵌套，或把一部分存为分群"),
    "WF1305.what": (
        "`{found}` at column {column} is no operator of a condition",
        "第 {column} 列的 `{found}` 不是条件运算符",
    ),
    "WF1305.mend": ("write {instead}", "请改写为 {instead}"),
    "WF1306.what": (
        "`{expected}` is expected at column {column}, not `{found}`",
        "第 {column} 列应为 `{expected}`，而不是 `{found}`",
    ),
    "WF1306.mend": ("add {expected} or remove {found}", "请补上 {expected} 或删去 {found}"),
    "WF1307.what": (
        "the condition ends at column {column} before it is complete",
        "条件在第 {column} 列提前结束",
    ),
    "WF1307.mend": ("finish it there; missing: {expected}", "请补全，缺少：{expected}"),
    "WF1308.what": (
        "an operator or the end is expected at column {column}, not `{found}`",
        "第 {column} 列应为运算符或结尾，而不是 `{found}`",
    ),
    "WF1308.mend": ("join conditions by && or ||, texts need quotes", "请用 && 或 || 连接条件，文本要加引号"),
    "WF1309.what": (
        "the text that begins at column {column} is not closed",
        "第 {column} 列开始的文本没有结束引号",
    ),
    "WF1309.mend": ("close it with {quote} on the same line", "请在同一行补上结束引号 {quote}"),
    "WF1310.what": ("`{found}` at column {column} is no number", "第 {column} 列的 `{found}` 不是数字"),
    "WF1310.mend": (
        "write digits, at most 38 before the point, such as 2000 or 0.5",
        "请写数字，小数点前最多 38 位，例如 2000 或 0.5",
    ),
    "WF1311.what": ("`{found}` at column {column} is no escape", "第 {column} 列的 `{found}` 不是转义符"),
    "WF1311.mend": (
        r'double the backslash (\\), or write r"…" to keep backslashes as they are',
        r'请把反斜杠写两次（\\），或用 r"…" 原样保留反斜杠',
    ),
    "WF1312.what": (
        "the two branches of `? :` at column {column} give different kinds: a time and something else",
        "第 {column} 列 `? :` 的两个分支类型不同：一个是时间，另一个不是",
    ),
    "WF1312.mend": (
        "let both give an instant, or both a duration; timestamp(…) reads a text",
        "请让两个分支都是时间点或都是时长；timestamp(…) 可读取文本",
    ),
    "WF1313.what": (
        "`{found}` at column {column} is no known name",
        "第 {column} 列的 `{found}` 不是已知名称",
    ),
    "WF1313.mend": ("did you mean: {nearest}? A text needs quotes", "您是否想写：{nearest}？文本要加引号"),
    "WF1314.what": (
        "`{root}` has no `{found}` (column {column})",
        "`{root}` 没有 `{found}`（第 {column} 列）",
    ),
    "WF1314.mend": ("did you mean: {nearest}?", "您是否想写：{nearest}？"),
    "WF1315.what": ("`{found}` has no parts (column {column})", "`{found}` 没有下级（第 {column} 列）"),
    "WF1315.mend": ("compare it as it is", "请直接比较它本身"),
    "WF1316.what": (
        "the name `{found}` at column {column} is not plain",
        "第 {column} 列的名称 `{found}` 含有特殊字符",
    ),
    "WF1316.mend": (
        'write it in brackets and quotes: event.properties["{found}"]; a text needs quotes',
        '请用方括号加引号：event.properties["{found}"]；文本要加引号',
    ),
    "WF1317.what": (
        "`{root}` at column {column} is no value by itself",
        "第 {column} 列的 `{root}` 本身不是值",
    ),
    "WF1317.mend": ("say which part: {names}", "请写明哪一部分：{names}"),
    "WF1318.what": (
        "a name is expected at column {column}, not `{found}`",
        "第 {column} 列应为名称，而不是 `{found}`",
    ),
    "WF1318.mend": (
        'write .name, ["any name"] or [0] for a place in a list',
        '请写 .name、["任意名称"]，或用 [0] 表示列表中的位置',
    ),
    "WF1319.what": (
        "only what is read has parts, a computed value has none: `{found}` at column {column}",
        "只有读取的值才有下级，计算结果没有：第 {column} 列的 `{found}`",
    ),
    "WF1319.mend": (
        "take parts of a path, such as event.properties.x; call functions with brackets",
        "请对路径取下级，如 event.properties.x；调用函数要带括号",
    ),
    "WF1320.what": (
        "local(…) is no value by itself (column {column})",
        "local(…) 本身不是值（第 {column} 列）",
    ),
    "WF1320.mend": (
        "ask a part of it, such as local(now).getHours()",
        "请取其中一部分，例如 local(now).getHours()",
    ),
    "WF1321.what": (
        "there is no function `{found}` (column {column})",
        "没有函数 `{found}`（第 {column} 列）",
    ),
    "WF1321.mend": ("did you mean: {nearest}?", "您是否想写：{nearest}？"),
    "WF1322.what": (
        "{name} at column {column} has too few or too many arguments",
        "第 {column} 列的 {name} 参数个数不对",
    ),
    "WF1322.mend": ("write {form}", "请写作 {form}"),
    "WF1323.what": (
        "{name} at column {column} has an argument that does not fit: {expected} is expected",
        "第 {column} 列的 {name} 参数不合适：应为 {expected}",
    ),
    "WF1323.mend": ("write {form}", "请写作 {form}"),
    "WF1324.what": ("this is no entry of a rule tree", "这不是规则树的条目"),
    "WF1324.mend": (
        "write {{combinator: and, rules: [...]}}, {{field, operator, value}}, {{cel: ...}} or a text",
        "请写 {{combinator: and, rules: [...]}}、{{field, operator, value}}、{{cel: ...}} 或文本条件",
    ),
    "WF1325.what": ("`{found}` is no operator of a rule tree", "`{found}` 不是规则树的运算符"),
    "WF1325.mend": ("did you mean: {nearest}?", "您是否想写：{nearest}？"),
    "WF1326.what": ("the value does not fit the operator `{operator}`", "值与运算符 `{operator}` 不匹配"),
    "WF1326.mend": (
        "give a text, a number, true or false; a list for in, two values for between",
        "请给出文本、数字、true 或 false；in 要用列表，between 要两个值",
    ),
    "WF1327.what": ("`{found}` is no key of a rule tree", "`{found}` 不是规则树的键"),
    "WF1327.mend": ("did you mean: {nearest}?", "您是否想写：{nearest}？"),
}
