package io.mtdagent.android;

import static org.robolectric.Shadows.shadowOf;

import android.app.AlarmManager;
import android.app.Application;
import android.app.job.JobInfo;
import android.app.job.JobParameters;
import android.app.job.JobScheduler;
import android.content.Context;
import android.os.Build;
import org.robolectric.Robolectric;
import org.robolectric.android.controller.ServiceController;
import org.robolectric.shadow.api.Shadow;
import org.robolectric.shadows.ShadowAlarmManager;

/** What the system was asked to do later, and its doing so. */
final class Scheduled {
    private Scheduled() {
    }

    static boolean isThere(Context context) {
        return Build.VERSION.SDK_INT >= 21 ? job(context) != null : alarm(context) != null;
    }

    /** Milliseconds between two wakes. */
    static long interval(Context context) {
        return Build.VERSION.SDK_INT >= 21 ? job(context).getIntervalMillis() : alarm(context).interval;
    }

    /** As the system does it: the job's service is made and called, or the alarm's broadcast sent. */
    static Object run(Application app) throws Exception {
        if (Build.VERSION.SDK_INT >= 21) {
            ServiceController<MtdWakeJobService> service =
                    Robolectric.buildService(MtdWakeJobService.class).create();
            if (!job(app).getService().getClassName().equals(MtdWakeJobService.class.getName())
                    || !service.get().onStartJob(Shadow.newInstanceOf(JobParameters.class))) {
                throw new AssertionError("the job has nothing to do");
            }
            return service.get();
        }
        alarm(app).operation.send();
        return null;
    }

    /** Whether the system was told that the work is over. */
    static boolean isOver(Object run) {
        return run == null || shadowOf((MtdWakeJobService) run).getIsJobFinished();
    }

    private static JobInfo job(Context context) {
        JobScheduler jobs = (JobScheduler) context.getSystemService(Context.JOB_SCHEDULER_SERVICE);
        for (JobInfo job : jobs.getAllPendingJobs()) {
            if (job.getId() == WakeJobsApi21.JOB) {
                return job;
            }
        }
        return null;
    }

    private static ShadowAlarmManager.ScheduledAlarm alarm(Context context) {
        return shadowOf((AlarmManager) context.getSystemService(Context.ALARM_SERVICE)).peekNextScheduledAlarm();
    }
}
