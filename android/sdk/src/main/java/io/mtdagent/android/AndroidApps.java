package io.mtdagent.android;

import android.annotation.SuppressLint;
import android.content.Context;
import android.content.pm.ApplicationInfo;
import android.content.pm.PackageInfo;
import android.content.pm.PackageManager;
import android.os.Build;
import io.mtdagent.MtdApp;
import io.mtdagent.MtdException;
import java.io.File;
import java.util.ArrayList;
import java.util.List;

/**
 * The apps that the package manager shows. First their names in one call, then each app in a call of its own: signers
 * of all apps in one answer are more than a transaction holds. A reading that fails in the middle is thrown away.
 */
final class AndroidApps {
    /** Longer texts of an app are cut here already: the agent keeps less. */
    private static final int MAX_TEXT = 256;

    private final Context context;
    private final PackageManager packages;

    AndroidApps(Context context) {
        this.context = context;
        packages = context.getPackageManager();
    }

    List<MtdApp> read() throws MtdException {
        if (Build.VERSION.SDK_INT >= 30 && !AppsApi30.seesAll(context)) {
            throw MtdException.sensorDenied();
        }
        try {
            List<MtdApp> apps = new ArrayList<MtdApp>();
            boolean own = false;
            for (PackageInfo listed : packages.getInstalledPackages(0)) {
                MtdApp app = app(listed.packageName);
                if (app != null) {
                    apps.add(app);
                }
                own |= context.getPackageName().equals(listed.packageName);
            }
            if (!own) {
                // A list without the app that reads it is cut short.
                throw MtdException.sensorFailed();
            }
            return apps;
        } catch (SecurityException denied) {
            throw MtdException.sensorDenied();
        } catch (RuntimeException died) {
            // The package manager died, or its answer was too large; the system has one type for both.
            throw MtdException.sensorFailed();
        }
    }

    /** Null for an app that was removed meanwhile. */
    @SuppressLint("PackageManagerGetSignatures")
    private MtdApp app(String id) {
        PackageInfo info;
        try {
            info = packages.getPackageInfo(id, Build.VERSION.SDK_INT >= 28
                    ? AppsApi28.SIGNERS : PackageManager.GET_SIGNATURES);
        } catch (PackageManager.NameNotFoundException removed) {
            return null;
        }
        MtdApp app = new MtdApp(id);
        app.installer = installer(id);
        app.shortVersion = bounded(info.versionName);
        app.version = Long.toString(Build.VERSION.SDK_INT >= 28 ? AppsApi28.version(info) : info.versionCode);
        for (MtdApp.Signer signer : Signers.of(info)) {
            app.addSigner(signer);
        }
        ApplicationInfo installed = info.applicationInfo;
        if (installed != null) {
            app.name = bounded(label(installed));
            app.bundleBytes = size(installed);
            app.validated = installed.enabled && !(Build.VERSION.SDK_INT >= 24 && isSuspended(installed));
        }
        return app;
    }

    /** What another app's resources do must not cost the reading. */
    private CharSequence label(ApplicationInfo installed) {
        try {
            return installed.loadLabel(packages);
        } catch (RuntimeException unreadable) {
            return null;
        }
    }

    private String installer(String id) {
        try {
            return Build.VERSION.SDK_INT >= 30 ? AppsApi30.installer(packages, id)
                    : packages.getInstallerPackageName(id);
        } catch (IllegalArgumentException removed) {
            return null;
        }
    }

    /** The installation files; {@link MtdApp#UNKNOWN} if one of them cannot be seen. */
    private static long size(ApplicationInfo installed) {
        long sum = sizeOf(installed.sourceDir);
        String[] splits = Build.VERSION.SDK_INT >= 21 ? AppsApi21.splits(installed) : null;
        for (int i = 0; splits != null && i < splits.length && sum != MtdApp.UNKNOWN; i++) {
            long split = sizeOf(splits[i]);
            sum = split == MtdApp.UNKNOWN ? MtdApp.UNKNOWN : sum + split;
        }
        return sum;
    }

    private static long sizeOf(String path) {
        long length = path == null ? 0 : new File(path).length();
        return length == 0 ? MtdApp.UNKNOWN : length;
    }

    private static boolean isSuspended(ApplicationInfo installed) {
        return (installed.flags & ApplicationInfo.FLAG_SUSPENDED) != 0;
    }

    private static String bounded(CharSequence text) {
        if (text == null) {
            return null;
        }
        return text.length() <= MAX_TEXT ? text.toString() : text.subSequence(0, MAX_TEXT).toString();
    }
}
