package io.mtdagent.android;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;
import static org.robolectric.Shadows.shadowOf;

import android.app.admin.DevicePolicyManager;
import android.content.ComponentName;
import android.content.Context;
import android.content.Intent;
import android.content.RestrictionsManager;
import android.content.pm.ResolveInfo;
import android.net.Uri;
import android.os.Build;
import android.os.Bundle;
import android.os.PowerManager;
import android.os.UserManager;
import io.mtdagent.MtdAgent;
import io.mtdagent.MtdConfiguration;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.json.JSONObject;
import org.junit.Test;
import org.robolectric.shadows.ShadowPowerManager;
import org.robolectric.shadows.ShadowSystemClock;

/** What the system does to the app: wakes, unlocking, configuration. */
public class WakeTest extends AtGateway {
    @Test
    public void theSystemsSchedulerBringsACheckIn() throws Exception {
        final long before = rested();
        scheduled();
        long interval = Scheduled.interval(phone.app);
        assertTrue("" + interval, interval >= Wakes.MIN_MILLIS && interval <= Wakes.MAX_MILLIS);
        Thread.sleep(5);
        final Object run = Scheduled.run(phone.app);
        Wait.until(new Callable<Object>() {
            @Override
            public Object call() throws Exception {
                return contact() > before && Scheduled.isOver(run) ? this : null;
            }
        });
        noWakeLockIsLeft();
    }

    @Test
    public void aWakeWithoutAnAgentDoesNothing() throws Exception {
        assertNull(MtdAndroid.current());
        assertFalse(MtdAndroid.wake(1, Platform.Cause.TIME, new Runnable() {
            @Override
            public void run() {
                throw new AssertionError("run");
            }
        }));
        new MtdWakeReceiver().onReceive(phone.app, new Intent(Intent.ACTION_BOOT_COMPLETED));
        noWakeLockIsLeft();
    }

    @Test
    public void aRebootBringsACheckIn() throws Exception {
        final long before = rested();
        Thread.sleep(5);
        phone.app.sendBroadcast(new Intent(Intent.ACTION_BOOT_COMPLETED));
        Wait.until(new Callable<Object>() {
            @Override
            public Object call() throws Exception {
                return contact() > before ? this : null;
            }
        });
        noWakeLockIsLeft();
    }

    @Test
    public void aContactThatFailsLeavesNoWakeLock() throws Exception {
        phone.start(new MtdConfiguration("https://localhost:1", phone.id, Cloud.TENANT,
                MtdConfiguration.CredentialKind.CODE, "not-used"));
        final MtdAgent agent = phone.agent();
        phone.app.sendBroadcast(new Intent(Intent.ACTION_BOOT_COMPLETED));
        Wait.until(new Callable<Object>() {
            @Override
            public Object call() throws Exception {
                return agent.status().lastFailure != null ? this : null;
            }
        });
        noWakeLockIsLeft();
    }

    @Test
    public void aContactThatHangsKeepsThePhoneAwakeForSecondsOnly() throws Exception {
        assumeTrue("later the system itself keeps awake", Build.VERSION.SDK_INT < 21);
        // Takes connections and says nothing.
        ServerSocket mute = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        try {
            phone.start(new MtdConfiguration("https://localhost:" + mute.getLocalPort(), phone.id, Cloud.TENANT,
                    MtdConfiguration.CredentialKind.CODE, "not-used"));
            phone.agent();
            phone.app.sendBroadcast(new Intent(Intent.ACTION_BOOT_COMPLETED));
            Wait.until(new Callable<Object>() {
                @Override
                public Object call() {
                    return ShadowPowerManager.getLatestWakeLock();
                }
            });
            assertTrue("for the contact", ShadowPowerManager.getLatestWakeLock().isHeld());
            ShadowSystemClock.advanceBy(Duration.ofSeconds(9));
            assertFalse("whatever the process does", ShadowPowerManager.getLatestWakeLock().isHeld());
        } finally {
            mute.close();
        }
    }

    @Test
    public void theManifestNamesWhatWakesTheApp() {
        for (String action : new String[] {Intent.ACTION_BOOT_COMPLETED, Intent.ACTION_MY_PACKAGE_REPLACED}) {
            assertEquals(action, 1, receivers(new Intent(action)));
        }
        Uri app = Uri.parse("package:com.example.game");
        for (String action : new String[] {Intent.ACTION_PACKAGE_ADDED, Intent.ACTION_PACKAGE_REMOVED,
                Intent.ACTION_PACKAGE_REPLACED}) {
            assertEquals(action, 1, receivers(new Intent(action, app)));
        }
    }

    private int receivers(Intent intent) {
        int found = 0;
        for (ResolveInfo one : phone.app.getPackageManager().queryBroadcastReceivers(intent, 0)) {
            found += one.activityInfo.name.equals(MtdWakeReceiver.class.getName()) ? 1 : 0;
        }
        return found;
    }

    @Test
    public void aChangeOfAppsIsLookedAt() throws Exception {
        Phone.settled(phone.activated());
        // Read with the apps: it is told at once, where a list waits for the next check-in.
        phone.debugging(true);
        Intent added = new Intent(Intent.ACTION_PACKAGE_ADDED, Uri.parse("package:com.example.game"));
        if (Build.VERSION.SDK_INT >= 26) {
            phone.app.sendBroadcast(added);
        } else {
            // Robolectric finds no receiver of a manifest by the scheme of its data.
            new MtdWakeReceiver().onReceive(phone.app, added);
        }
        phone.console("the threat", new Phone.Check() {
            @Override
            public boolean holds(JSONObject device) throws Exception {
                return device.getJSONArray("threats").toString().contains("USB_DEBUGGING_ENABLED");
            }
        });
        noWakeLockIsLeft();
    }

    @Test
    public void aWorkProfileIsKnown() throws Exception {
        assumeTrue("there is none before API 21", Build.VERSION.SDK_INT >= 21);
        assertFalse(WorkProfile.isAround(phone.app));
        if (Build.VERSION.SDK_INT >= 30) {
            shadowOf((UserManager) phone.app.getSystemService(Context.USER_SERVICE)).setManagedProfile(true);
        } else {
            ComponentName owner = new ComponentName("com.example.employer", "Admin");
            DevicePolicyManager policies =
                    (DevicePolicyManager) phone.app.getSystemService(Context.DEVICE_POLICY_SERVICE);
            shadowOf(policies).setActiveAdmin(owner);
            assertFalse("an administrator of the phone owns no profile", WorkProfile.isAround(phone.app));
            shadowOf(policies).setProfileOwner(owner);
        }
        assertTrue(phone.start(null).inWorkProfile());
        phone.agent();
    }

    @Test
    public void nothingHappensBeforeTheFirstUnlock() throws Exception {
        assumeTrue("an app runs only unlocked before API 24", Build.VERSION.SDK_INT >= 24);
        UserManager users = (UserManager) phone.app.getSystemService(Context.USER_SERVICE);
        shadowOf(users).setUserUnlocked(false);
        phone.start(phone.values());
        assertNull(phone.started.poll(2, TimeUnit.SECONDS));
        assertFalse("nothing is written", AgentFolder.state(phone.app).exists());
        assertEquals("pending", cloud.device(phone.id).getString("activation"));
        shadowOf(users).setUserUnlocked(true);
        phone.app.sendBroadcast(new Intent(Intent.ACTION_USER_UNLOCKED));
        phone.agent();
        phone.console("activated", Phone.ACTIVATED);
    }

    @Test
    public void aManagedConfigurationMayComeLate() throws Exception {
        assumeTrue("there is none before API 18", Build.VERSION.SDK_INT >= 18);
        cloud.administer("group", "--name", "Everyone", "--add", phone.id);
        String key = cloud.administer("enrolment-key", "--group", "Everyone").trim();
        phone.start(null);
        phone.agent();
        Bundle said = new Bundle();
        said.putString("mtdGateway", cloud.url);
        said.putString("mtdDeviceId", phone.id);
        said.putString("mtdTenantId", Cloud.TENANT);
        said.putString("mtdEnrolmentKey", key);
        if (Build.VERSION.SDK_INT >= 21) {
            shadowOf((RestrictionsManager) phone.app.getSystemService(Context.RESTRICTIONS_SERVICE))
                    .setApplicationRestrictions(said);
            phone.app.sendBroadcast(new Intent(Intent.ACTION_APPLICATION_RESTRICTIONS_CHANGED));
        } else {
            // No broadcast tells of it: the next wake reads it.
            shadowOf((UserManager) phone.app.getSystemService(Context.USER_SERVICE))
                    .setApplicationRestrictions(phone.app.getPackageName(), said);
            scheduled();
            Scheduled.run(phone.app);
        }
        phone.console("activated", Phone.ACTIVATED);
    }

    private void scheduled() throws Exception {
        Wait.until(new Callable<Object>() {
            @Override
            public Object call() throws Exception {
                return Scheduled.isThere(phone.app) ? this : null;
            }
        });
    }

    private void noWakeLockIsLeft() throws Exception {
        Wait.until(new Callable<Object>() {
            @Override
            public Object call() throws Exception {
                PowerManager.WakeLock lock = ShadowPowerManager.getLatestWakeLock();
                assertEquals("one is taken before API 21 only", Build.VERSION.SDK_INT < 21, lock != null);
                return lock == null || !lock.isHeld() ? this : null;
            }
        });
    }
}
