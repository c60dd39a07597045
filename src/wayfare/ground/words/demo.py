"""Words of the demo."""

WORDS: dict[str, tuple[str, str]] = {
    "demo.name": ("Noodle Lane", "面里巷"),
    "demo.profile": ("guest", "顾客"),
    "demo.workspace": (
        "  ✓ workspace  {folder}   (SQLite log and live state, DuckDB history)",
        "  ✓ 工作区  {folder}   （SQLite 日志与实时状态，DuckDB 历史）",
    ),
    "demo.people": (
        "  ✓ people     {people} guests of a restaurant chain, 6 personas, zh + en, on a fast clock",
        "  ✓ 顾客    连锁餐厅的 {people} 位顾客，6 类画像，中英双语，时钟加速",
    ),
    "demo.events": (
        "  ✓ events     {days} days, {events} events: app, mini-program, store, WeCom, call",
        "  ✓ 事件    {days} 天，{events} 条：App、小程序、门店、企业微信、电话",
    ),
    "demo.journeys": (
        "  ✓ journeys   long-wait (live) · second-visit, win-back (drafts)",
        "  ✓ 旅程    久等安抚（运行中）· 二次到店、沉睡唤醒（草稿）",
    ),
    "demo.channels": ("  ✓ channels   inbox, console (local only)", "  ✓ 渠道    收件箱、控制台（仅本地）"),
    "demo.key": ("  ✓ write key  {key}", "  ✓ 写入密钥  {key}"),
    "demo.open": ("  → open {url}  (signed link, 15 min)      Ctrl-C stops", "  → 打开 {url}  （签名链接，15 分钟有效）      按 Ctrl-C 停止"),
}
