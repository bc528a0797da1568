package io.mtdagent;

/** What the phone's owner is told; nothing has to be brought. Immutable. */
public final class MtdNotice {
    /** What. */
    public enum Kind {
        /** The user wanted to leave, which the policy prevents. */
        UNENROLMENT_PREVENTED
    }

    /** What. */
    public final Kind kind;
    /** For the phone's owner, in the language of {@link MtdAgent#setLanguage}. */
    public final String text;

    MtdNotice(Kind kind, String text) {
        this.kind = kind;
        this.text = text;
    }
}
