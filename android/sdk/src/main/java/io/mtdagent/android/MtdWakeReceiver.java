package io.mtdagent.android;

import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import android.os.Build;
import android.os.PowerManager;

/** Called by the system after a boot, an update of the app, a change of apps, and by the alarm. Not for apps. */
public final class MtdWakeReceiver extends BroadcastReceiver {
    static final String ALARM = "io.mtdagent.android.WAKE";

    /** A receiver has ten seconds. */
    private static final long BUDGET_MILLIS = 8 * 1000L;

    @Override
    public void onReceive(Context context, Intent intent) {
        String action = intent == null ? null : intent.getAction();
        boolean apps = Intent.ACTION_PACKAGE_ADDED.equals(action) || Intent.ACTION_PACKAGE_REMOVED.equals(action)
                || Intent.ACTION_PACKAGE_REPLACED.equals(action);
        if (!apps && !ALARM.equals(action) && !Intent.ACTION_BOOT_COMPLETED.equals(action)
                && !Intent.ACTION_MY_PACKAGE_REPLACED.equals(action)) {
            return;
        }
        final PowerManager.WakeLock lock = awake(context);
        final PendingResult result = goAsync();
        Runnable end = new Runnable() {
            @Override
            public void run() {
                try {
                    if (result != null) {
                        result.finish();
                    }
                } finally {
                    release(lock);
                }
            }
        };
        if (!MtdAndroid.wake(BUDGET_MILLIS, apps ? Platform.Cause.APPS : Platform.Cause.TIME, end)) {
            end.run();
        }
    }

    /** From API 21 the system itself stays awake for a receiver that is not finished. */
    private static PowerManager.WakeLock awake(Context context) {
        if (Build.VERSION.SDK_INT >= 21) {
            return null;
        }
        PowerManager power = (PowerManager) context.getSystemService(Context.POWER_SERVICE);
        PowerManager.WakeLock lock = power.newWakeLock(PowerManager.PARTIAL_WAKE_LOCK, "io.mtdagent:wake");
        lock.setReferenceCounted(false);
        lock.acquire(BUDGET_MILLIS);
        return lock;
    }

    private static void release(PowerManager.WakeLock lock) {
        if (lock != null && lock.isHeld()) {
            lock.release();
        }
    }
}
