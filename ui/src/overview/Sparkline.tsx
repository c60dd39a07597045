// Sixty minutes in one small picture.
import { count } from "../format";
import { useWords } from "../words";

const WIDTH = 240;
const HEIGHT = 56;

export function Sparkline({ values }: { values: number[] }) {
  const { say, lang } = useWords();
  const most = Math.max(1, ...values);
  const step = WIDTH / Math.max(1, values.length);
  return (
    <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img"
      aria-label={say("page.overview.events.chart", { most: count(Math.max(0, ...values), lang) })}>
      {values.map((value, place) => {
        const height = Math.max(1.5, (value / most) * HEIGHT);
        // minutes have no other name than their place
        return <rect key={place} x={place * step} y={HEIGHT - height} width={step * 0.7} height={height} rx={1} data-now={place === values.length - 1 || undefined} />;
      })}
    </svg>
  );
}
