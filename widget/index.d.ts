/** The tracker of crosslift. What it sends and keeps is written in README.md. */

/** Who is no shopper: what they do is answered and never counted. */
export type Traffic = "robot" | "staff" | "test";

/** `wait`: nothing is sent before `consent(true)`; `given`: the shop has asked already. */
export type ConsentRule = "wait" | "given";

export interface Options {
  /** A publishable key, `pk_...`. */
  key: string;
  /** Where crosslift is reached, without a slash at the end; the page's own origin by default. */
  server?: string;
  consent?: ConsentRule;
  /** Mark this visit as a try. */
  test?: true;
}

/** Segment's names; other names are kept as they come. */
export type EventName =
  | "Products Searched" | "Product List Viewed" | "Product List Filtered" | "Product Clicked" | "Product Viewed"
  | "Product Added" | "Product Removed" | "Cart Viewed" | "Checkout Started" | "Checkout Step Viewed"
  | "Checkout Step Completed" | "Content Viewed" | "Content Downloaded" | (string & {});

export interface Properties {
  product_id?: string;
  quantity?: number;
  query?: string;
  category?: string;
  step?: number | string;
  /** Of the decision that led here. */
  decision_id?: string;
  /** A try: kept nowhere. */
  test?: true;
  [name: string]: unknown;
}

/** What is known about this moment; see `POST /v1/decide`. */
export interface Moment {
  product?: string;
  cart?: string[];
  query?: string;
  content?: string;
  kinds?: string[];
  k?: number;
  language?: string;
  market?: string;
  viewed?: string[];
  cart_value?: string;
  dwell_seconds?: number;
  [name: string]: unknown;
}

export interface Ask extends Moment {
  placement: string;
}

export interface AskPage extends Moment {
  page: Array<{ placement: string; k?: number; kinds?: string[]; product?: string; query?: string; content?: string }>;
}

export interface Price {
  amount: string;
  currency: string;
}

export interface Offer {
  product: string;
  kind: string;
  title: string;
  reason: string;
  price: Price;
  image: string | null;
  [name: string]: unknown;
}

export interface Answer {
  /** Null where nothing was recorded: there is nothing to respond to. */
  decision_id: string | null;
  offers: Offer[];
  no_offer: string | null;
  warnings: string[];
  [name: string]: unknown;
}

export interface Page {
  answers: Answer[];
}

export type Action = "exposure" | "click" | "accept" | "decline" | "mute" | "unmute";

export interface Response {
  decision_id: string | null;
  action: Action;
  product?: string;
  reason?: string;
}

/** Begin; the script tag does it itself. A second call does nothing. */
export function start(options: Options): void;
/** Tell of a page, and of what it shows; to be called after a change of page without a load. */
export function page(name?: string, properties?: Properties): void;
/** Tell of one thing that happened. */
export function track(event: EventName, properties?: Properties): void;
/** Speak for whoever is signed in, by a token your server minted; nobody again with null. */
export function identify(customerToken: string | null): void;
/** Say what the visitor agreed to. */
export function consent(agreed: boolean): void;
/** Ask what to offer; null where there is no answer. */
export function decide(asked: AskPage): Promise<Page | null>;
export function decide(asked: Ask): Promise<Answer | null>;
/** Tell what became of offers. */
export function respond(given: Response | Response[]): void;
/** Tell of offers that came into the page later: elements with `data-decision` and `data-product`. */
export function watch(root?: ParentNode): void;
/** Call back once, when half of an element was looked at for a second. */
export function seen(element: Element, then: () => void): void;
/** Seconds this page was looked at since it was last told. */
export function dwell(): number;
export function traffic(): Traffic | undefined;
/** The id of this browser; undefined before consent. */
export function anonymousId(): string | undefined;
/** The id of this visit, before consent of this page; undefined where the visitor asked not to be tracked. */
export function sessionId(): string | undefined;

declare global {
  interface Window {
    /** Before the script has come, calls may be left in a list: `[["track", "Product Added", {...}]]`. */
    crosslift?: Record<string, unknown> | Array<[string, ...unknown[]]>;
  }
}
