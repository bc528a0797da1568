package io.mtdagent.android;

import android.annotation.TargetApi;
import android.app.job.JobParameters;
import android.app.job.JobService;

/** Started by the system for a check-in. Not for apps. */
@TargetApi(21)
public final class MtdWakeJobService extends JobService {
    /** The system gives ten minutes at most; what is not done by then goes with the next wake. */
    private static final long BUDGET_MILLIS = 2 * 60 * 1000L;

    @Override
    public boolean onStartJob(final JobParameters job) {
        return MtdAndroid.wake(BUDGET_MILLIS, Platform.Cause.TIME, new Runnable() {
            @Override
            public void run() {
                jobFinished(job, false);
            }
        });
    }

    /** What was recorded is on disk, and the job comes again by its period. */
    @Override
    public boolean onStopJob(JobParameters job) {
        return false;
    }
}
