package io.mtdagent.android;

import io.mtdagent.MtdAgent.Reach;

/** What is told of a network. */
final class NetworkFacts {
    /** There is none. */
    static final NetworkFacts NONE = new NetworkFacts(Reach.OFFLINE, null, false);
    /** The app may not ask: that is no reason to wait, and one to save bytes. */
    static final NetworkFacts UNTOLD = new NetworkFacts(Reach.UNKNOWN, null, true);

    final Reach reach;
    /** What tells it from others, as far as an app without further permissions sees: never its name. Or null. */
    final String name;
    /** Bytes cost money, at home or abroad. */
    final boolean metered;

    NetworkFacts(Reach reach, String name, boolean metered) {
        this.reach = reach;
        this.name = name;
        this.metered = metered;
    }

    boolean equalTo(NetworkFacts other) {
        return other != null && reach == other.reach && metered == other.metered
                && (name == null ? other.name == null : name.equals(other.name));
    }
}
