package io.mtdagent;

/** One open threat. Personal: not for logs. Immutable. */
public final class MtdThreat {
    /** What a threat is in. */
    public enum Subject {
        /** The device. */
        DEVICE,
        /** The network. */
        NETWORK,
        /** An app. */
        APP,
        /** A domain. */
        DOMAIN
    }

    /** Name of its classification, such as {@code ROGUE_WIFI}. */
    public final String classification;
    /** What it is in. */
    public final Subject subject;
    /** Package name or domain; null for device and network. */
    public final String subjectName;
    /** The level it gives, by the policy in force. */
    public final MtdStatus.Level level;
    /** When it was first seen, milliseconds since 1970 by the device's calendar. */
    public final long detectedAtMillis;
    /** What the phone's owner can do, in English. */
    public final String advice;

    MtdThreat(String classification, Subject subject, String subjectName, MtdStatus.Level level,
            long detectedAtMillis, String advice) {
        this.classification = classification;
        this.subject = subject;
        this.subjectName = subjectName;
        this.level = level;
        this.detectedAtMillis = detectedAtMillis;
        this.advice = advice;
    }
}
