package io.mtdagent.android;

import io.mtdagent.MtdException;
import io.mtdagent.MtdListener;
import io.mtdagent.MtdStatus;
import io.mtdagent.MtdWebAnswer;
import io.mtdagent.MtdWebListener;

/** Passes on to the app what the agent says, and lets the wakes follow it. */
class Relay implements MtdListener {
    final MtdAndroidListener listener;
    private final Platform platform;

    private Relay(MtdAndroidListener listener, Platform platform) {
        this.listener = listener;
        this.platform = platform;
    }

    /** Hears answers about domains where the app's listener does. */
    static MtdListener to(MtdAndroidListener listener, Platform platform) {
        return listener instanceof MtdWebListener ? new Web(listener, platform) : new Relay(listener, platform);
    }

    @Override
    public void onStatus(MtdStatus status) {
        platform.follow(status);
        listener.onStatus(status);
    }

    @Override
    public void onInert(MtdException error) {
        listener.onInert(error);
    }

    private static final class Web extends Relay implements MtdWebListener {
        Web(MtdAndroidListener listener, Platform platform) {
            super(listener, platform);
        }

        @Override
        public void onWebAnswer(MtdWebAnswer answer) {
            ((MtdWebListener) listener).onWebAnswer(answer);
        }
    }
}
