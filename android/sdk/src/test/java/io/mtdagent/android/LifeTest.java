package io.mtdagent.android;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertTrue;
import static org.robolectric.Shadows.shadowOf;

import android.content.pm.ApplicationInfo;
import android.content.pm.PackageInfo;
import android.content.pm.Signature;
import io.mtdagent.MtdAgent;
import io.mtdagent.MtdConfig;
import io.mtdagent.MtdException;
import io.mtdagent.MtdStatus;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.json.JSONArray;
import org.json.JSONObject;
import org.junit.BeforeClass;
import org.junit.Test;

/** A device's life, told by the gateway's database. */
public class LifeTest extends AtGateway {
    @BeforeClass
    public static void policy() throws Exception {
        cloud.administer("policy", "--app-sync", "on", "--ownership", "company");
    }

    @Test
    public void theFirstLaunchActivatesAtOnceAndOffTheMainThread() throws Exception {
        MtdAndroid first = phone.start(phone.values());
        assertSame("one in the process", first, phone.start(null));
        MtdAgent agent = phone.agent();
        assertSame(agent, first.agent());
        assertEquals("mtd-platform", phone.startedOn);
        JSONObject device = phone.console("activated", Phone.ACTIVATED);
        assertEquals("android", device.getJSONObject("facts").getString("platform"));
    }

    @Test
    public void aBlockingCallOnTheMainThreadIsRefused() throws Exception {
        final MtdAndroid running = phone.start(phone.values());
        final MtdAgent agent = phone.agent();
        assertEquals(136, code(new Callable<Object>() {
            @Override
            public Object call() throws Exception {
                return agent.settle(1);
            }
        }));
        assertEquals(136, code(new Callable<Object>() {
            @Override
            public Object call() throws Exception {
                return running.onPush();
            }
        }));
        assertEquals(136, code(new Callable<Object>() {
            @Override
            public Object call() throws Exception {
                running.stop();
                return null;
            }
        }));
        assertEquals(136, code(new Callable<Object>() {
            @Override
            public Object call() throws Exception {
                agent.stop();
                return null;
            }
        }));
        assertEquals(136, code(new Callable<Object>() {
            @Override
            public Object call() throws Exception {
                MtdConfig config = new MtdConfig(cloud.trust(), AgentFolder.state(phone.app), null);
                return MtdAgent.start(config.withMainThread(MtdAndroid.MAIN_THREAD),
                        new AndroidKeys(phone.app, AgentFolder.keys(phone.app)),
                        new AndroidSensors(phone.app, null), phone);
            }
        }));
        assertSame("it still runs", agent, running.agent());
        phone.stop();
        assertEquals("also where no agent runs", 136, code(new Callable<Object>() {
            @Override
            public Object call() throws Exception {
                return running.onPush();
            }
        }));
        assertEquals("nor is it ended there", 136, code(new Callable<Object>() {
            @Override
            public Object call() throws Exception {
                running.stop();
                return null;
            }
        }));
    }

    @Test
    public void nullIsATypedError() throws Exception {
        assertNull(MtdAndroid.start(phone.app, null, phone));
        assertEquals(134, phone.refused.poll().code());
        assertNull(MtdAndroid.start(null, new MtdAndroidConfig(cloud.trust()), phone));
        assertEquals(134, phone.refused.poll().code());
        assertNull(MtdAndroid.start(phone.app, new MtdAndroidConfig(cloud.trust()), null));
        assertNull(MtdAndroid.current());
    }

    @Test
    public void aPushOnTheMainThreadIsAContactOnAnother() throws Exception {
        final long before = rested();
        Thread.sleep(5);
        final BlockingQueue<Thread> ended = new LinkedBlockingQueue<Thread>();
        MtdAndroid.current().onPush(new Runnable() {
            @Override
            public void run() {
                ended.add(Thread.currentThread());
            }
        });
        assertTrue("another thread", ended.poll(60, TimeUnit.SECONDS) != Thread.currentThread());
        assertTrue("contact is over at the end", contact() > before);
        assertEquals(134, code(new Callable<Object>() {
            @Override
            public Object call() throws Exception {
                MtdAndroid.current().onPush(null);
                return null;
            }
        }));
    }

    @Test
    public void aSettingThatIsAThreatIsReadFromThePhone() throws Exception {
        MtdAgent agent = phone.activated();
        phone.debugging(true);
        agent.appsChanged();
        phone.console("the threat", new Phone.Check() {
            @Override
            public boolean holds(JSONObject device) throws Exception {
                return threat(device, "USB_DEBUGGING_ENABLED") != null;
            }
        });
        phone.debugging(false);
        agent.appsChanged();
        phone.console("the fix", new Phone.Check() {
            @Override
            public boolean holds(JSONObject device) throws Exception {
                return threat(device, "USB_DEBUGGING_ENABLED") == null;
            }
        });
    }

    @Test
    public void aPushIsAContact() throws Exception {
        final long before = rested();
        Thread.sleep(5);
        assertTrue(Phone.aside(new Callable<Boolean>() {
            @Override
            public Boolean call() throws Exception {
                return MtdAndroid.current().onPush();
            }
        }));
        assertTrue("contact is over when the call is", contact() > before);
    }

    @Test
    public void theInventoryIsWhatThePackageManagerShows() throws Exception {
        install("com.example.notes");
        MtdAgent agent = phone.activated();
        // The policy that asks for it came with the answer to the first report.
        agent.checkIn();
        final int first = phone.console("inventory", new Phone.Check() {
            @Override
            public boolean holds(JSONObject device) throws Exception {
                return device.optInt("inventoryCount") > 0;
            }
        }).getInt("inventoryCount");
        assertTrue(Phone.settled(agent));
        install("com.example.game");
        agent.appsChanged();
        agent.checkIn();
        phone.console("one more app than " + first, new Phone.Check() {
            @Override
            public boolean holds(JSONObject device) throws Exception {
                return device.optInt("inventoryCount") == first + 1;
            }
        });
    }

    @Test
    public void aThreatBlocksAndTheFixLiftsIt() throws Exception {
        MtdAgent agent = phone.activated();
        agent.report("ROGUE_WIFI", null);
        phone.console("the threat", new Phone.Check() {
            @Override
            public boolean holds(JSONObject device) throws Exception {
                return threat(device, "ROGUE_WIFI") != null && device.getString("level").equals("high");
            }
        });
        agent.clear("ROGUE_WIFI", null);
        phone.console("the fix", new Phone.Check() {
            @Override
            public boolean holds(JSONObject device) throws Exception {
                return threat(device, "ROGUE_WIFI") == null && !device.getString("level").equals("high");
            }
        });
    }

    @Test
    public void whatALeavingDeviceLeavesBehind() throws Exception {
        MtdAgent agent = phone.activated();
        agent.deactivate();
        phone.console("deactivated", new Phone.Check() {
            @Override
            public boolean holds(JSONObject device) throws Exception {
                return device.getString("activation").equals("deactivated");
            }
        });
        Wait.until(new Callable<Object>() {
            @Override
            public Object call() throws Exception {
                return MtdAndroid.current().agent().status().activation == MtdStatus.Activation.DEACTIVATED
                        && !Scheduled.isThere(phone.app) ? this : null;
            }
        });
        assertNull("no key", new AndroidKeys(phone.app, AgentFolder.keys(phone.app))
                .find(io.mtdagent.MtdKeyStore.Slot.A));
    }

    @Test
    public void anotherProcessOnTheFolderIsATypedError() throws Exception {
        Process other = Other.hold(AgentFolder.state(phone.app), cloud.trust());
        try {
            phone.start(phone.values());
            MtdException error = phone.refused.poll(60, TimeUnit.SECONDS);
            assertNotNull(error);
            assertEquals(505, error.code());
            assertNull(MtdAndroid.current().agent());
        } finally {
            other.destroyForcibly().waitFor();
        }
    }

    private static JSONObject threat(JSONObject device, String classification) throws Exception {
        JSONArray threats = device.getJSONArray("threats");
        for (int i = 0; i < threats.length(); i++) {
            if (threats.getJSONObject(i).getString("classification").equals(classification)) {
                return threats.getJSONObject(i);
            }
        }
        return null;
    }

    private void install(String name) {
        PackageInfo app = new PackageInfo();
        app.packageName = name;
        app.versionName = "1.0";
        app.versionCode = 1;
        app.signatures = new Signature[] {new Signature(name.getBytes())};
        app.applicationInfo = new ApplicationInfo();
        app.applicationInfo.packageName = name;
        app.applicationInfo.name = name;
        app.applicationInfo.sourceDir = "/data/app/" + name + ".apk";
        shadowOf(phone.app.getPackageManager()).installPackage(app);
    }

    private static int code(Callable<Object> call) throws Exception {
        try {
            call.call();
        } catch (MtdException error) {
            return error.code();
        }
        return 0;
    }
}
