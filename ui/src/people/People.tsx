export default function People(_: { id?: string }) { return null; }
