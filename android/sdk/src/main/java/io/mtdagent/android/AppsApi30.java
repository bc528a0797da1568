package io.mtdagent.android;

import android.Manifest;
import android.annotation.TargetApi;
import android.content.Context;
import android.content.pm.PackageManager;

/** What API 30 adds. */
@TargetApi(30)
final class AppsApi30 {
    private static final int FILTERED_FROM = 30;

    private AppsApi30() {
    }

    /** An app that targets an API before 30 is shown every app; a later one with the permission alone. */
    static boolean seesAll(Context context) {
        return context.getApplicationInfo().targetSdkVersion < FILTERED_FROM
                || context.checkCallingOrSelfPermission(Manifest.permission.QUERY_ALL_PACKAGES)
                        == PackageManager.PERMISSION_GRANTED;
    }

    /** Null where it is not known. */
    static String installer(PackageManager packages, String id) {
        try {
            return packages.getInstallSourceInfo(id).getInstallingPackageName();
        } catch (PackageManager.NameNotFoundException removed) {
            return null;
        }
    }
}
