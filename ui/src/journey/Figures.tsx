// The four figures of a node: entered = waiting + held + left, and how many of the left were the control group.
import type { NodeCounts } from "../api";
import { look } from "../marks/StateMark";
import { Tick } from "../marks/Tick";
import { useWords } from "../words";

const NOTHING: NodeCounts = { entered: 0, waiting: 0, held: 0, left: 0, withheld: 0 };
const SHOWN = ["entered", "waiting", "held", "left"] as const;

export function Figures({ counts = NOTHING }: { counts: NodeCounts | undefined }) {
  const { say } = useWords();
  return (
    <dl className="figures">
      {SHOWN.map((name) => {
        const [tone, Icon] = look(`word.${name}`);
        return (
          <div key={name} data-tone={tone} data-zero={counts[name] === 0 || undefined}>
            <dt>
              <Icon size={12} stroke={2.2} aria-hidden />
              {say(`word.${name}`)}
            </dt>
            <dd><Tick value={counts[name]} /></dd>
          </div>
        );
      })}
    </dl>
  );
}
