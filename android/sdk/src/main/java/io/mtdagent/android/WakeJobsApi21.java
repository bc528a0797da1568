package io.mtdagent.android;

import android.annotation.TargetApi;
import android.app.job.JobInfo;
import android.app.job.JobScheduler;
import android.content.ComponentName;
import android.content.Context;

/** The periodic job. It outlives a reboot and waits for a network. */
@TargetApi(21)
final class WakeJobsApi21 {
    /** Of this library in the app's jobs: "mtd" in ASCII. */
    static final int JOB = 0x6d7464;

    private WakeJobsApi21() {
    }

    static void plan(Context context, long millis) {
        ComponentName service = new ComponentName(context, MtdWakeJobService.class);
        JobInfo job = new JobInfo.Builder(JOB, service).setPeriodic(millis).setPersisted(true)
                .setRequiredNetworkType(JobInfo.NETWORK_TYPE_ANY).build();
        scheduler(context).schedule(job);
    }

    static void cancel(Context context) {
        scheduler(context).cancel(JOB);
    }

    /** The period in milliseconds, 0 where there is no job. */
    static long planned(Context context) {
        for (JobInfo job : scheduler(context).getAllPendingJobs()) {
            if (job.getId() == JOB) {
                return job.getIntervalMillis();
            }
        }
        return 0;
    }

    private static JobScheduler scheduler(Context context) {
        return (JobScheduler) context.getSystemService(Context.JOB_SCHEDULER_SERVICE);
    }
}
