/**
 * One segment of an address. A lone surrogate has no form in an address: it becomes U+FFFD, which nothing is named by, where
 * encodeURIComponent would throw at whoever passes on what a service said.
 */
export function urlSegment(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));
}
