// Finish: the end of the path, with its reason.
import { IconFlag } from "@tabler/icons-react";
import { sayKnown } from "../../words";
import type { Kind } from "./kind";

export const finish: Kind = {
  icon: IconFlag,
  summary: (node, say) => {
    const reason = node.finish ?? "";
    return say("page.node.finish", { reason: sayKnown(say, `reason.${reason}`, reason) });
  },
  ports: () => [],
};
