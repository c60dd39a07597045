// A message as its person sees it: a mail in a mail window, everything else on a phone.
import { IconBellRinging, IconEyeOff } from "@tabler/icons-react";
import type { Message } from "../api";
import { when } from "../format";
import { useZone } from "../journey/queries";
import { sayKnown, useWords } from "../words";

/** A mail's own markup, locked away: no scripts, no forms, nothing loaded from elsewhere, links that lead nowhere. */
function sealed(body: string): string {
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
  return `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}"><base target="_blank"><style>body{margin:0;font:15px/1.55 sans-serif;color:#1b1e23;background:#fff;overflow-wrap:anywhere}a{pointer-events:none}</style>${body}`;
}

const isMarkup = (body: string): boolean => /<(?:p|div|table|html|body|br|h[1-6]|a|span|ul|img)\b/i.test(body);

function Mail({ message, house }: { message: Message; house: string }) {
  const { say, lang } = useWords();
  const zone = useZone();
  const { subject, body = "" } = message.content;
  return (
    <div className="mail">
      <header>
        <strong>{subject || say("page.inbox.subject.none")}</strong>
        <span>{say("page.inbox.from", { house })} · {say("page.inbox.to")} {message.address || "–"}</span>
        <time dateTime={message.at} className="figure">{when(message.at, lang, zone)}</time>
      </header>
      {isMarkup(body)
        ? <iframe title={say("page.inbox.preview")} sandbox="" srcDoc={sealed(body)} tabIndex={-1} />
        : <p className="mail-text">{body}</p>}
    </div>
  );
}

function Phone({ message, house }: { message: Message; house: string }) {
  const { say, lang } = useWords();
  const zone = useZone();
  const { subject, body = "" } = message.content;
  const channel = sayKnown(say, `word.channel.${message.channel}`, message.channel);
  const clock = when(message.at, lang, zone, "clock");
  return (
    <div className="phone" data-channel={message.channel}>
      <div className="phone-bar" aria-hidden><span className="figure">{clock}</span><i /></div>
      {message.channel === "sms" ? (
        <div className="sms">
          <p className="phone-from">{message.address || house}</p>
          <p className="bubble">{body}</p>
          <p className="phone-kind">{channel} · {clock}</p>
        </div>
      ) : (
        <div className="push">
          <p className="phone-time figure" aria-hidden>{clock}</p>
          <div className="push-card">
            <p className="push-head"><IconBellRinging size={14} stroke={2} aria-hidden /> {house} <span>{channel}</span></p>
            {subject && <p><strong>{subject}</strong></p>}
            <p className="push-body">{body.replace(/<[^>]*>/g, "")}</p>
          </div>
        </div>
      )}
    </div>
  );
}

export function Preview({ message, house }: { message: Message; house: string }) {
  const { say } = useWords();
  if (!message.content.body && !message.content.subject)
    return (
      <div className="unrendered">
        <IconEyeOff size={28} stroke={1.4} aria-hidden />
        <p>{say("page.inbox.empty_content")}</p>
      </div>
    );
  const unseen = message.state === "suppressed" || message.state === "expired" || message.state === "failed";
  return (
    <div className="stage" data-unseen={unseen || undefined}>
      {unseen && <p className="unseen"><IconEyeOff size={16} stroke={1.8} aria-hidden /> {say("page.inbox.unseen")}</p>}
      {message.channel === "email" ? <Mail message={message} house={house} /> : <Phone message={message} house={house} />}
    </div>
  );
}
