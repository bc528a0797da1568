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

    /** Stable from detection to resolution: what {@link MtdAgent#ignore} takes. */
    public final String id;
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
    /** What the phone's owner can do, in the language of {@link MtdAgent#setLanguage}. */
    public final String advice;

    MtdThreat(StatusReader in) {
        id = in.text();
        classification = in.text();
        subject = in.oneOf(Subject.values());
        subjectName = in.text();
        level = in.oneOf(MtdStatus.Level.values());
        detectedAtMillis = in.number();
        advice = in.text();
    }
}
