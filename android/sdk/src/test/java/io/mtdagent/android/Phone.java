package io.mtdagent.android;

import static org.junit.Assert.assertNotNull;
import static org.robolectric.Shadows.shadowOf;

import android.app.Application;
import android.content.Context;
import android.net.ConnectivityManager;
import android.net.NetworkCapabilities;
import android.net.NetworkInfo;
import android.os.Build;
import android.provider.Settings;
import io.mtdagent.MtdAgent;
import io.mtdagent.MtdConfiguration;
import io.mtdagent.MtdException;
import io.mtdagent.MtdStatus;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.json.JSONObject;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.shadows.ShadowBuild;
import org.robolectric.shadows.ShadowNetworkCapabilities;
import org.robolectric.shadows.ShadowNetworkInfo;

/** An app with the SDK on the framework of one API, at a gateway. */
final class Phone implements MtdAndroidListener {
    /** Enrolled, and a first report was applied. */
    static final Check ACTIVATED = new Check() {
        @Override
        public boolean holds(JSONObject device) throws Exception {
            return device.getString("activation").equals("activated") && !device.isNull("facts");
        }
    };

    final Application app = RuntimeEnvironment.getApplication();
    final String id;
    final FakeAndroidKeyStore keys;
    final BlockingQueue<MtdAgent> started = new LinkedBlockingQueue<MtdAgent>();
    final BlockingQueue<MtdException> refused = new LinkedBlockingQueue<MtdException>();
    volatile String startedOn;
    private final Cloud cloud;

    /** @param cloud null where another process holds it */
    Phone(Cloud cloud, String id) {
        this.cloud = cloud;
        this.id = id;
        ShadowBuild.setTags("release-keys");
        shadowOf(app).grantPermissions("android.permission.QUERY_ALL_PACKAGES");
        joinWifi();
        keys = FakeAndroidKeyStore.install();
        if (Build.VERSION.SDK_INT < 18) {
            FakeAndroidKeyStore.remove();
        }
    }

    @Override
    public void onStarted(MtdAgent agent) {
        startedOn = Thread.currentThread().getName();
        try {
            agent.setConsent(true);
        } catch (MtdException error) {
            refused.add(error);
        }
        started.add(agent);
    }

    @Override
    public void onNotStarted(MtdException error) {
        refused.add(error);
    }

    @Override
    public void onStatus(MtdStatus status) {
    }

    @Override
    public void onInert(MtdException error) {
        refused.add(error);
    }

    /** The app's own values, with a one-time code. */
    MtdConfiguration values() throws Exception {
        return new MtdConfiguration(cloud.url, id, Cloud.TENANT, MtdConfiguration.CredentialKind.CODE,
                cloud.code(id));
    }

    MtdAndroid start(MtdConfiguration values) throws Exception {
        return start(app, cloud.trust(), values);
    }

    MtdAndroid start(Context context, String trust, MtdConfiguration values) {
        return MtdAndroid.start(context, new MtdAndroidConfig(trust).withConfiguration(values), this);
    }

    /** The switch in the developer options. */
    void debugging(boolean on) {
        if (Build.VERSION.SDK_INT >= 17) {
            Settings.Global.putInt(app.getContentResolver(), Settings.Global.ADB_ENABLED, on ? 1 : 0);
        } else {
            Settings.Secure.putInt(app.getContentResolver(), Settings.Secure.ADB_ENABLED, on ? 1 : 0);
        }
    }

    /** Robolectric's phone is on a network that costs money, where bulk waits. */
    private void joinWifi() {
        ConnectivityManager connectivity =
                (ConnectivityManager) app.getSystemService(Context.CONNECTIVITY_SERVICE);
        shadowOf(connectivity).setActiveNetworkInfo(ShadowNetworkInfo.newInstance(
                NetworkInfo.DetailedState.CONNECTED, ConnectivityManager.TYPE_WIFI, 0, true,
                NetworkInfo.State.CONNECTED));
        if (Build.VERSION.SDK_INT >= 23) {
            NetworkCapabilities wifi = ShadowNetworkCapabilities.newInstance();
            shadowOf(wifi).addTransportType(NetworkCapabilities.TRANSPORT_WIFI);
            shadowOf(wifi).addCapability(NetworkCapabilities.NET_CAPABILITY_NOT_METERED);
            shadowOf(wifi).addCapability(NetworkCapabilities.NET_CAPABILITY_VALIDATED);
            shadowOf(wifi).addCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET);
            if (Build.VERSION.SDK_INT >= 28) {
                shadowOf(wifi).addCapability(NetworkCapabilities.NET_CAPABILITY_NOT_ROAMING);
            }
            shadowOf(connectivity).setNetworkCapabilities(connectivity.getActiveNetwork(), wifi);
        }
    }

    MtdAgent agent() throws Exception {
        MtdAgent agent = started.poll(Wait.WITHIN_MILLIS, TimeUnit.MILLISECONDS);
        assertNotNull("not started: " + refused, agent);
        return agent;
    }

    /** First launch to activation, as the console tells it. */
    MtdAgent activated() throws Exception {
        start(values());
        MtdAgent agent = agent();
        console("activated", ACTIVATED);
        return agent;
    }

    /** What must hold of the device in the gateway's database. */
    interface Check {
        boolean holds(JSONObject device) throws Exception;
    }

    /** Waits until it holds. */
    JSONObject console(final String what, final Check check) throws Exception {
        final JSONObject[] last = new JSONObject[1];
        Wait.until(new Callable<Object>() {
            @Override
            public String toString() {
                return what + ", and the console says " + last[0];
            }

            @Override
            public Object call() throws Exception {
                last[0] = cloud.device(id);
                return last[0] != null && check.holds(last[0]) ? last[0] : null;
            }
        });
        return last[0];
    }

    /** Off the main thread, as the app has to. */
    static <T> T aside(final Callable<T> call) throws Exception {
        FutureTask<T> task = new FutureTask<T>(call);
        Thread thread = new Thread(task);
        thread.start();
        return task.get(Wait.WITHIN_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Whether the agent comes to rest. */
    static boolean settled(final MtdAgent agent) throws Exception {
        return aside(new Callable<Boolean>() {
            @Override
            public Boolean call() throws Exception {
                return agent.settle(Wait.WITHIN_MILLIS / 2);
            }
        });
    }

    /** Ends the agent; files and keys stay. */
    void end() throws Exception {
        final MtdAndroid running = MtdAndroid.current();
        if (running != null) {
            aside(new Callable<Void>() {
                @Override
                public Void call() throws Exception {
                    running.stop();
                    return null;
                }
            });
        }
    }

    /** Ends the agent; what the key store of the system holds is lost. */
    void stop() throws Exception {
        end();
        FakeAndroidKeyStore.remove();
    }
}
