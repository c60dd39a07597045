export default function Inbox(_: { id?: string }) { return null; }
