package io.mtdagent;

import java.util.Collections;
import java.util.List;

/** A copy of what the agent knows. Points in time are milliseconds since 1970. Immutable. */
public final class MtdStatus {
    /** A number that is not known, or a point in time that never was. */
    public static final long UNKNOWN = -1L;

    /** Where the device stands with the partner's cloud. */
    public enum Activation {
        /** Not enrolled yet. */
        PENDING,
        /** Enrolled and proved. */
        ACTIVATED,
        /** Left. */
        DEACTIVATED
    }

    /** Whether the agent is in contact. */
    public enum Protection {
        /** Within the days the policy allows. */
        PROTECTED,
        /** For longer out of contact. */
        DISCONNECTED
    }

    /** Whether contact happens when it is planned. */
    public enum Lateness {
        /** The planned contact is to come, or just passed. */
        ON_TIME,
        /** It passed and nothing was tried: the system did not wake the app. */
        LATE_BY_OS,
        /** It passed, and what was tried failed. */
        UNREACHABLE
    }

    /** The risk of a device or a threat. */
    public enum Level {
        /** None. */
        SECURED,
        /** Low. */
        LOW,
        /** Medium. */
        MEDIUM,
        /** High. */
        HIGH
    }

    /** First axis. */
    public final Activation activation;
    /** Second axis. */
    public final Protection protection;
    /** Third axis: the cloud's level in force, else the device's preview; null until activated. */
    public final Level level;
    /** The axes as Microsoft Graph names them, such as {@code highSeverity}. */
    public final String health;
    /** What the app must bring, or null. */
    public final MtdNeed need;
    /** What the phone's owner is told, or null. */
    public final MtdNotice notice;
    /** What is wrong with the configuration, for the administrator. */
    public final List<MtdFinding> findings;
    /** How the device stands before each level of policy, from secured to high. */
    public final List<MtdAccess> access;
    /** Open threats, worst first. */
    public final List<MtdThreat> threats;
    /** The last failure since the cloud was last reached, or null. */
    public final MtdException lastFailure;
    /** When the cloud was last reached. */
    public final long lastContactAtMillis;
    /** Milliseconds to the next planned contact. */
    public final long nextContactInMillis;
    /** Whether contact happens when it is planned; out of contact for too long is {@link Protection#DISCONNECTED}. */
    public final Lateness lateness;
    /** Changes that the cloud has not acknowledged. */
    public final long unacknowledged;
    /** Apps that are shared; {@link #UNKNOWN} while the inventory is not shared. */
    public final long sharedApps;
    /** End of the certificate in use. */
    public final long certificateUntilMillis;
    /** Version of the policy in force, 0 for none. */
    public final long policyVersion;
    /** Version of the indicator set in force, 0 for none. */
    public final long indicatorsVersion;
    /** Bytes above TCP to the cloud in the last check-in. */
    public final long sentBytes;
    /** Bytes above TCP from the cloud in the last check-in. */
    public final long receivedBytes;
    /** How the private key is kept, or null. */
    public final MtdKeyStore.Protection keyProtection;

    MtdStatus(StatusReader in) throws MtdException {
        in.version();
        activation = in.oneOf(Activation.values());
        protection = in.oneOf(Protection.values());
        level = in.oneOf(Level.values());
        health = in.text();
        MtdNeed.Kind needed = in.oneOf(MtdNeed.Kind.values());
        MtdException why = in.error();
        String bring = in.text();
        need = needed == null ? null : new MtdNeed(needed, why, bring);
        MtdNotice.Kind noticed = in.oneOf(MtdNotice.Kind.values());
        String told = in.text();
        notice = noticed == null ? null : new MtdNotice(noticed, told);
        lastFailure = in.error();
        lateness = in.oneOf(Lateness.values());
        lastContactAtMillis = in.number();
        nextContactInMillis = in.number();
        unacknowledged = in.number();
        sharedApps = in.number();
        certificateUntilMillis = in.number();
        policyVersion = in.number();
        indicatorsVersion = in.number();
        sentBytes = in.number();
        receivedBytes = in.number();
        keyProtection = in.oneOf(MtdKeyStore.Protection.values());
        threats = Collections.unmodifiableList(in.threats());
        findings = Collections.unmodifiableList(in.findings());
        access = Collections.unmodifiableList(in.access());
    }
}
