package io.mtdagent.android;

import android.app.AlarmManager;
import android.app.PendingIntent;
import android.content.Context;
import android.content.Intent;
import android.os.Build;
import android.os.SystemClock;
import io.mtdagent.MtdStatus;

/** Has the system wake the app again and again: by a job from API 21, by an inexact alarm before. */
final class Wakes {
    /** The shortest time that the system takes between two wakes. */
    static final long MIN_MILLIS = 15 * 60 * 1000L;
    /** The longest between two check-ins. */
    static final long MAX_MILLIS = 24 * 60 * 60 * 1000L;
    /** The check-in interval until policy says another. */
    static final long DEFAULT_MILLIS = 4 * 60 * 60 * 1000L;

    private final Context context;
    private long planned;

    Wakes(Context context) {
        this.context = context;
    }

    /**
     * From now on every so often. A plan that is nearly the same stands: to plan anew begins the time anew.
     *
     * @param millis below 0 where it is not known
     */
    synchronized void plan(long millis) {
        long wanted = millis < 0 ? DEFAULT_MILLIS : Math.max(MIN_MILLIS, Math.min(MAX_MILLIS, millis));
        long before = planned;
        if (before == 0 && Build.VERSION.SDK_INT >= 21) {
            before = WakeJobsApi21.planned(context);
        }
        if (before != 0 && Math.abs(wanted - before) <= before / 4) {
            planned = before;
            return;
        }
        planned = wanted;
        if (Build.VERSION.SDK_INT >= 21) {
            WakeJobsApi21.plan(context, wanted);
        } else {
            alarms().setInexactRepeating(AlarmManager.ELAPSED_REALTIME_WAKEUP,
                    SystemClock.elapsedRealtime() + wanted, wanted, alarm());
        }
    }

    /** By the default interval, unless there is a plan. An alarm cannot be asked for and is set again. */
    synchronized void planIfNone() {
        if (planned == 0 && (Build.VERSION.SDK_INT < 21 || WakeJobsApi21.planned(context) == 0)) {
            plan(MtdStatus.UNKNOWN);
        }
    }

    /** No more. */
    synchronized void cancel() {
        planned = 0;
        if (Build.VERSION.SDK_INT >= 21) {
            WakeJobsApi21.cancel(context);
        } else {
            alarms().cancel(alarm());
        }
    }

    private AlarmManager alarms() {
        return (AlarmManager) context.getSystemService(Context.ALARM_SERVICE);
    }

    private PendingIntent alarm() {
        Intent wake = new Intent(context, MtdWakeReceiver.class).setAction(MtdWakeReceiver.ALARM);
        return PendingIntent.getBroadcast(context, 0, wake, PendingIntent.FLAG_UPDATE_CURRENT);
    }
}
