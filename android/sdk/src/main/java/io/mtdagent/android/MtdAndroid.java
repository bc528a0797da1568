package io.mtdagent.android;

import android.content.Context;
import android.os.Looper;
import io.mtdagent.MtdAgent;
import io.mtdagent.MtdException;
import io.mtdagent.MtdMainThread;
import java.util.List;

/**
 * The agent of an Android app: one in the process. Start it in {@code Application.onCreate}, so that it is there when
 * the system wakes the app. Everything that may block happens on threads of the library's own.
 */
public final class MtdAndroid {
    /** A push service gives ten seconds for a message. */
    private static final long PUSH_BUDGET_MILLIS = 8 * 1000L;

    /** Where no blocking call is let through. */
    static final MtdMainThread MAIN_THREAD = new MtdMainThread() {
        @Override
        public boolean isCurrent() {
            return Looper.myLooper() != null && Looper.myLooper() == Looper.getMainLooper();
        }
    };

    private static MtdAndroid current;

    private final Platform platform;

    private MtdAndroid(Platform platform) {
        this.platform = platform;
    }

    /**
     * Starts the agent and has the system wake the app for check-ins. Returns at once, also on the main thread; the
     * listener is told how it went. The first activation begins now and waits for no job. Nothing is sent before a
     * device ID, a tenant and consent are there, and before the first unlock after a boot.
     *
     * <p>Where the agent is there already, that one is returned and the arguments count for nothing.
     *
     * @param context any of this app
     * @param config what the app's code says
     * @param listener is told how it goes
     * @return null where an argument is: a listener that is there has then heard 134, on the caller's thread
     */
    public static synchronized MtdAndroid start(Context context, MtdAndroidConfig config,
            MtdAndroidListener listener) {
        if (context == null || config == null || listener == null) {
            if (listener != null) {
                listener.onNotStarted(MtdException.argument());
            }
            return null;
        }
        if (current == null) {
            Platform platform = new Platform(context.getApplicationContext(), config, listener);
            current = new MtdAndroid(platform);
            platform.start();
        }
        return current;
    }

    /** What {@link #start} returned in this process, or null. */
    public static synchronized MtdAndroid current() {
        return current;
    }

    /** The agent, or null while it does not run: before {@link MtdAndroidListener#onStarted}, and after {@link #stop}. */
    public MtdAgent agent() {
        return platform.agent();
    }

    /**
     * The partner's cloud sent a push message: contact it now. Returns at once, on any thread: for a receiver on the
     * main thread.
     *
     * @param end run once, on another thread, when the contact is over, after eight seconds at most, also where there
     *         was none: releases what keeps the device awake, such as {@code PendingResult.finish}
     * @throws MtdException 134 for null
     */
    public void onPush(Runnable end) throws MtdException {
        if (end == null) {
            throw MtdException.argument();
        }
        platform.wake(PUSH_BUDGET_MILLIS, Platform.Cause.TIME, end);
    }

    /**
     * As the other, and blocks until the contact is over, eight seconds at most: for a thread that the push service
     * gives, which keeps the device awake for as long.
     *
     * @return true if the agent came to rest; false too where it does not run
     * @throws MtdException 136 on the main thread, before anything is done; else what {@link MtdAgent#settle} throws
     */
    public boolean onPush() throws MtdException {
        if (MAIN_THREAD.isCurrent()) {
            throw MtdException.mainThread();
        }
        return platform.contact(PUSH_BUDGET_MILLIS, Platform.Cause.TIME);
    }

    /**
     * Whether this app runs inside a work profile: it then protects and lists the profile, and sees nothing of the
     * rest of the phone. May ask another process: not for a drawing thread.
     */
    public boolean inWorkProfile() {
        return platform.inWorkProfile();
    }

    /**
     * By what the maker of the phone vouches for the device's keys: for each key that is there a chain of certificates,
     * DER, the key's own first. There are two keys while a new identity is not proven. Before API 23 there is no
     * chain; where the maker attests nothing, one is a single certificate that proves nothing. For the partner's own
     * cloud, which compares the key with that of the client certificate: the agent sends none.
     *
     * @throws MtdException 136 on the main thread; 201, 202 or 203 where the key store is locked, fails or lost a key
     */
    public List<List<byte[]>> attestation() throws MtdException {
        if (MAIN_THREAD.isCurrent()) {
            throw MtdException.mainThread();
        }
        return platform.keys().attestation();
    }

    /**
     * Ends the agent, and the system wakes the app no more. What was recorded stays: {@link #start} goes on from it.
     *
     * @throws MtdException 135 from within the listener, 136 on the main thread
     */
    public void stop() throws MtdException {
        platform.stop();
        synchronized (MtdAndroid.class) {
            if (current == this) {
                current = null;
            }
        }
    }

    /**
     * The system woke the app.
     *
     * @param end run when the contact is over, on another thread
     * @return false where no agent was started in this process; {@code end} is then not run
     */
    static boolean wake(long budgetMillis, Platform.Cause cause, Runnable end) {
        MtdAndroid woken = current();
        if (woken == null) {
            return false;
        }
        woken.platform.wake(budgetMillis, cause, end);
        return true;
    }
}
