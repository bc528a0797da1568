package io.mtdagent.android;

import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import android.os.Handler;
import android.os.HandlerThread;
import io.mtdagent.MtdAgent;
import io.mtdagent.MtdConfig;
import io.mtdagent.MtdException;
import io.mtdagent.MtdStatus;
import java.util.concurrent.TimeUnit;

/**
 * The agent and what Android does for it. Everything that changes it happens on the thread {@code mtd-platform}; who
 * waits for the agent waits on this object.
 */
final class Platform {
    /** Why there is a contact. */
    enum Cause {
        /** It is time, or somebody asks. */
        TIME,
        /** Apps changed: whether that is worth a contact, the agent decides. */
        APPS
    }

    /** A key store that is not ready says once that a key is gone; after so many times it is believed. */
    private static final int BELIEVED_LOST = 2;

    /** Between two attempts to start, where the remedy is the same again later. */
    private static final long AGAIN_MILLIS = 60 * 1000L;

    private final Context context;
    private final MtdAndroidConfig config;
    private final MtdAndroidListener listener;
    private final Wakes wakes;
    private final HandlerThread thread = new HandlerThread("mtd-platform");
    private final Runnable attempt = new Runnable() {
        @Override
        public void run() {
            attempt();
        }
    };
    private final BroadcastReceiver changes = new BroadcastReceiver() {
        @Override
        public void onReceive(Context from, Intent intent) {
            changed(intent);
        }
    };

    private Handler handler;
    private Watches watches;
    private MtdAgent agent;
    private boolean stopped;
    private long plannedAfter = MtdStatus.UNKNOWN;
    /** Attempts in a row, after the first unlock, that found what is stored lost. */
    private int lost;

    Platform(Context context, MtdAndroidConfig config, MtdAndroidListener listener) {
        this.context = context;
        this.config = config;
        this.listener = listener;
        wakes = new Wakes(context);
    }

    void start() {
        thread.start();
        handler = new Handler(thread.getLooper());
        watches = new Watches(context, handler, this);
        context.registerReceiver(changes, Watches.changes(), null, handler);
        Watches.listenToApps(context, changes, handler);
        handler.post(attempt);
    }

    synchronized MtdAgent agent() {
        return agent;
    }

    boolean inWorkProfile() {
        return WorkProfile.isAround(context);
    }

    AndroidKeys keys() {
        return new AndroidKeys(context, AgentFolder.keys(context));
    }

    /** Contacts the cloud on a thread of its own. */
    void wake(final long budgetMillis, final Cause cause, final Runnable end) {
        new Thread("mtd-wake") {
            @Override
            public void run() {
                try {
                    contact(budgetMillis, cause);
                } catch (MtdException told) {
                    // The status has it, and the listener heard it.
                    return;
                } finally {
                    end.run();
                }
            }
        }.start();
    }

    /** Blocks until the contact is over, the budget at most. Never on the main thread. */
    boolean contact(long budgetMillis, Cause cause) throws MtdException {
        long until = now() + budgetMillis;
        MtdAgent woken = agent();
        if (woken == null && Unlock.happened(context)) {
            handler.post(attempt);
            woken = awaited(until);
        }
        if (woken == null) {
            return false;
        }
        switch (cause) {
            case APPS:
                woken.appsChanged();
                break;
            case TIME:
                // Before API 21 no broadcast tells of a change.
                woken.configure(ManagedConfiguration.read(context));
                woken.checkIn();
                break;
        }
        return woken.settle(Math.max(0, until - now()));
    }

    /** Blocks as long as the agent takes to end. */
    void stop() throws MtdException {
        if (MtdAndroid.MAIN_THREAD.isCurrent()) {
            throw MtdException.mainThread();
        }
        MtdAgent last = agent();
        if (last != null) {
            last.stop();
        }
        synchronized (this) {
            if (stopped) {
                return;
            }
            stopped = true;
            agent = null;
            notifyAll();
        }
        wakes.cancel();
        context.unregisterReceiver(changes);
        watches.stop();
        thread.quit();
    }

    private synchronized MtdAgent awaited(long until) {
        for (long left = until - now(); agent == null && !stopped && left > 0; left = until - now()) {
            try {
                wait(left);
            } catch (InterruptedException asked) {
                Thread.currentThread().interrupt();
                return agent;
            }
        }
        return agent;
    }

    /** Milliseconds of the clock that {@code wait} goes by. */
    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    /** On {@code mtd-platform}. */
    private void attempt() {
        handler.removeCallbacks(attempt);
        if (agent() != null || !Unlock.happened(context)) {
            return;
        }
        MtdAgent started;
        try {
            MtdConfig agentConfig = new MtdConfig(config.trustJson, AgentFolder.state(context), config.configuration)
                    .withConfiguration(ManagedConfiguration.read(context)).withPartners(config.partners)
                    .withMainThread(MtdAndroid.MAIN_THREAD);
            AndroidSensors sensors = new AndroidSensors(context, config.signerSha256);
            started = lost < BELIEVED_LOST ? MtdAgent.start(agentConfig, keys(), sensors, Relay.to(listener, this))
                    : MtdAgent.startOver(agentConfig, keys(), sensors, Relay.to(listener, this));
            lost = 0;
        } catch (MtdException error) {
            failed(error);
            return;
        }
        synchronized (this) {
            if (!stopped) {
                agent = started;
                notifyAll();
            }
        }
        if (agent() == null) {
            end(started);
            return;
        }
        watches.start();
        try {
            MtdStatus status = started.status();
            // The time that is left of an interval is no interval: what was planned in a life before stands.
            plannedAfter = status.lastContactAtMillis;
            if (status.activation == MtdStatus.Activation.ACTIVATED) {
                wakes.planIfNone();
            }
            follow(status);
        } catch (MtdException over) {
            // Stopped meanwhile: what was begun since ends too.
            watches.stop();
            return;
        }
        try {
            listener.onStarted(started);
        } catch (MtdException | RuntimeException dropped) {
            // The app's listener: as documented.
            return;
        }
    }

    private void failed(MtdException error) {
        lost = error.remedy() == MtdException.Remedy.START_OVER ? lost + 1 : 0;
        switch (error.remedy()) {
            case START_OVER:
            case RETRY:
                handler.postDelayed(attempt, AGAIN_MILLIS);
                break;
            case WAIT_FOR_UNLOCK:
                // The broadcast of the unlock brings the next attempt.
            case WAIT_FOR_NETWORK:
            case NEW_CHAIN:
            case NEW_CREDENTIAL:
            case REACTIVATE:
            case STOP:
            case CORRECT_THE_CALL:
                break;
        }
        try {
            listener.onNotStarted(error);
        } catch (RuntimeException dropped) {
            // The app's listener: as documented.
            return;
        }
    }

    /** An attempt that was under way when it was all over. */
    private static void end(MtdAgent late) {
        try {
            late.stop();
        } catch (MtdException inert) {
            // It does nothing any more.
            return;
        }
    }

    /** Something happened around the app. On {@code mtd-platform}. */
    private void changed(Intent intent) {
        MtdAgent told = agent();
        String action = intent.getAction();
        if (told == null) {
            handler.post(attempt);
            return;
        }
        try {
            if (Unlock.action().equals(action)) {
                told.unlocked();
            } else if (Watches.RESTRICTIONS_CHANGED.equals(action)) {
                told.configure(ManagedConfiguration.read(context));
                told.checkIn();
            } else {
                told.appsChanged();
            }
        } catch (MtdException over) {
            // Stopped or inert: there is nobody to tell.
            return;
        }
    }

    /** Plans wakes by what the cloud last asked for. On any thread. */
    void follow(final MtdStatus status) {
        handler.post(new Runnable() {
            @Override
            public void run() {
                switch (status.activation) {
                    case DEACTIVATED:
                        plannedAfter = MtdStatus.UNKNOWN;
                        wakes.cancel();
                        break;
                    case PENDING:
                        wakes.plan(MtdStatus.UNKNOWN);
                        break;
                    case ACTIVATED:
                        // The time to the next contact shrinks; right after one it is the interval.
                        if (status.lastContactAtMillis != plannedAfter) {
                            plannedAfter = status.lastContactAtMillis;
                            wakes.plan(status.nextContactInMillis);
                        }
                        break;
                }
            }
        });
    }
}
