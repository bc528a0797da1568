package io.mtdagent.android;

import android.content.pm.PackageInfo;
import android.content.pm.PackageManager;
import java.util.ArrayList;
import java.util.List;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.shadows.ShadowApplicationPackageManager;

/** The package manager as phones have it: it dies, leaves things out, and changes while it is read. */
@Implements(className = "android.app.ApplicationPackageManager", isInAndroidSdk = false)
public class PackagesUnderTest extends ShadowApplicationPackageManager {
    /** What goes wrong. */
    enum Trouble { NONE, DIES_AT_ONCE, DIES_ON_THE_WAY, HIDES_THE_READER, FORBIDS, APP_IS_REMOVED_MEANWHILE }

    static Trouble trouble = Trouble.NONE;
    static int asked;

    @Implementation
    @Override
    public List<PackageInfo> getInstalledPackages(int flags) {
        if (flags != 0) {
            throw new RuntimeException("more of all apps than a transaction holds");
        }
        switch (trouble) {
            case DIES_AT_ONCE:
                throw new RuntimeException("Package manager has died");
            case FORBIDS:
                throw new SecurityException("not allowed");
            case HIDES_THE_READER:
                List<PackageInfo> few = new ArrayList<>(super.getInstalledPackages(flags));
                few.removeIf(info -> info.packageName.equals(AndroidAppsTest.own()));
                return few;
            default:
                return super.getInstalledPackages(flags);
        }
    }

    @Implementation
    @Override
    public PackageInfo getPackageInfo(String name, int flags) throws PackageManager.NameNotFoundException {
        asked++;
        if (trouble == Trouble.DIES_ON_THE_WAY && asked > 100) {
            throw new RuntimeException("Package manager has died");
        }
        if (trouble == Trouble.APP_IS_REMOVED_MEANWHILE && name.equals("com.app7")) {
            throw new PackageManager.NameNotFoundException(name);
        }
        return super.getPackageInfo(name, flags);
    }
}
