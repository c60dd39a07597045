// A figure that lights up for a moment when it changes.
import { useEffect, useRef, useState } from "react";
import { count } from "../format";
import { useWords } from "../words";

export function Tick({ value }: { value: number }) {
  const { lang } = useWords();
  const before = useRef(value);
  const [moves, setMoves] = useState(0);
  useEffect(() => {
    if (before.current === value) return;
    before.current = value;
    setMoves((moves) => moves + 1);
  }, [value]);
  return (
    <span key={moves} className="tick figure" data-moved={moves > 0 || undefined}>
      {count(value, lang)}
    </span>
  );
}
