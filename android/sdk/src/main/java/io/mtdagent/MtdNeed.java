package io.mtdagent;

/** What the app must bring before the agent can go on. Immutable. */
public final class MtdNeed {
    /** What. */
    public enum Kind {
        /** A complete configuration. Nothing was sent. */
        CONFIGURATION,
        /** The user's or administrator's consent. Nothing was sent. */
        CONSENT,
        /** An activation credential. */
        CREDENTIAL,
        /** The first unlock after the boot. */
        UNLOCK,
        /** Space on the device; nothing is sent before it is saved. */
        STORAGE,
        /** The administrator, or a later version of the app. */
        ADMINISTRATOR
    }

    /** What. */
    public final Kind kind;
    /** Why, or null where there is no reason. */
    public final MtdException error;
    /** For the phone's owner, in the language of {@link MtdAgent#setLanguage}. */
    public final String text;

    MtdNeed(Kind kind, MtdException error, String text) {
        this.kind = kind;
        this.error = error;
        this.text = text;
    }
}
