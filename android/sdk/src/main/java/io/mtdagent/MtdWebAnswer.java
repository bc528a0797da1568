package io.mtdagent;

/** What is known of a domain. Personal: not for logs. Immutable. */
public final class MtdWebAnswer {
    /** What is known. */
    public enum Verdict {
        /** It cannot be told: no indicator set yet, no consent, or the set cannot be read. */
        UNKNOWN,
        /** It stands in no indicator set. */
        UNLISTED,
        /** It, or a domain it belongs to, is listed, and policy only records it. */
        AUDITED,
        /** It, or a domain it belongs to, is listed: the app is to block it. */
        BLOCK
    }

    /** The domain that was asked about, in lower case and without a trailing dot. */
    public final String domain;
    /** What is known. */
    public final Verdict verdict;
    /** As what it is listed, such as {@code PHISHING}; null where it is not. */
    public final String classification;

    MtdWebAnswer(StatusReader in) throws MtdException {
        in.version();
        domain = in.text();
        verdict = in.oneOf(Verdict.values());
        classification = in.text();
    }
}
