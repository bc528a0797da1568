package io.mtdagent;

import java.util.Collections;
import java.util.List;

/** How the device stands before a policy that allows a level at most. A preview: Intune decides. Immutable. */
public final class MtdAccess {
    /** One thing that stands in the way. Immutable. */
    public static final class Blocker {
        /** The open threat; null where the device's own state stands in the way, whatever threats are open. */
        public final String threatId;
        /** Name of its classification; null for a state, and for a threat that this version does not know. */
        public final String classification;
        /** The level that the threat gives; null for a state. */
        public final MtdStatus.Level level;
        /** What the phone's owner can do, in the language of {@link MtdAgent#setLanguage}. */
        public final String remedy;

        Blocker(StatusReader in) {
            threatId = in.text();
            classification = in.text();
            level = in.oneOf(MtdStatus.Level.values());
            remedy = in.text();
        }
    }

    /** The highest level that the policy allows. */
    public final MtdStatus.Level required;
    /** Whether the device passes. */
    public final boolean passes;
    /** What stands in the way, worst first; empty where it passes. */
    public final List<Blocker> blockers;

    MtdAccess(StatusReader in) {
        required = in.oneOf(MtdStatus.Level.values());
        passes = in.yes();
        blockers = Collections.unmodifiableList(in.blockers());
    }
}
