export default function JourneyPage(_: { id?: string }) { return null; }
