package io.mtdagent.android;

import android.annotation.TargetApi;
import android.content.pm.ApplicationInfo;

/** What API 21 adds. */
@TargetApi(21)
final class AppsApi21 {
    private AppsApi21() {
    }

    /** Paths of the parts beside the base; null if there are none. */
    static String[] splits(ApplicationInfo installed) {
        return installed.splitSourceDirs;
    }
}
