package io.mtdagent.android;

import android.annotation.TargetApi;
import android.content.pm.PackageInfo;
import android.content.pm.PackageManager;
import android.content.pm.Signature;

/** What API 28 adds. */
@TargetApi(28)
final class AppsApi28 {
    /** Asks for the signers as they are, and not for the one that old apps are shown. */
    static final int SIGNERS = PackageManager.GET_SIGNING_CERTIFICATES;

    private AppsApi28() {
    }

    /** Null where they are not known. */
    static Signature[] signers(PackageInfo info) {
        return info.signingInfo == null ? null : info.signingInfo.getApkContentsSigners();
    }

    static long version(PackageInfo info) {
        return info.getLongVersionCode();
    }
}
