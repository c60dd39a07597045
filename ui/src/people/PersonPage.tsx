export default function PersonPage(_: { id?: string }) { return null; }
