package io.mtdagent;

/** One thing that was sent to the partner's cloud. Counts only: no name, no identifier. Immutable. */
public final class MtdLedgerEntry {
    /** Why something was sent. */
    public enum Why {
        /** The device was activated. */
        ACTIVATION,
        /** Its certificate was renewed. */
        RENEWAL,
        /** The interval of the policy was over. */
        ROUTINE,
        /** The user, the app or the system asked for contact. */
        ASKED,
        /** A threat appeared, changed or went. */
        CHANGE,
        /** The cloud's last answer asked for more. */
        CLOUD_ASKED,
        /** The device leaves. */
        LEAVING
    }

    /** When its end was known, milliseconds since 1970 by the device's calendar. */
    public final long atMillis;
    /** Why it was sent. */
    public final Why why;
    /** Whether the cloud acknowledged it; if not, it may have it all the same. */
    public final boolean acknowledged;
    /** Size of a report before compression; {@link MtdStatus#UNKNOWN} for a certificate request. */
    public final long bytes;
    /** What it was and why, for the phone's owner, in the language of {@link MtdAgent#setLanguage}. */
    public final String text;

    MtdLedgerEntry(StatusReader in) {
        atMillis = in.number();
        why = in.oneOf(Why.values());
        acknowledged = in.yes();
        bytes = in.number();
        text = in.text();
    }
}
