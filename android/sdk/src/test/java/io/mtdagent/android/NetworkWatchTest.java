package io.mtdagent.android;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;
import static org.robolectric.Shadows.shadowOf;

import android.app.Application;
import android.content.Context;
import android.content.Intent;
import android.net.ConnectivityManager;
import android.net.LinkProperties;
import android.net.Network;
import android.net.NetworkCapabilities;
import android.net.NetworkInfo;
import android.os.BatteryManager;
import android.os.Build;
import android.os.Handler;
import android.os.Looper;
import io.mtdagent.MtdAgent.Reach;
import java.util.ArrayList;
import java.util.List;
import org.junit.Assume;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.annotation.Config;
import org.robolectric.shadows.ShadowConnectivityManager;
import org.robolectric.shadows.ShadowNetwork;
import org.robolectric.shadows.ShadowNetworkCapabilities;
import org.robolectric.shadows.ShadowNetworkInfo;
import org.robolectric.util.ReflectionHelpers;

/** What is told of the network and the charger, and when. */
@RunWith(RobolectricTestRunner.class)
@Config(sdk = Config.ALL_SDKS)
public class NetworkWatchTest {
    private static final int API = Build.VERSION.SDK_INT;

    private final List<NetworkFacts> told = new ArrayList<>();
    private Application application;
    private ConnectivityManager connectivity;
    private ShadowConnectivityManager system;
    private NetworkWatch watch;

    @Before
    public void boot() {
        application = RuntimeEnvironment.getApplication();
        connectivity = (ConnectivityManager) application.getSystemService(Context.CONNECTIVITY_SERVICE);
        system = shadowOf(connectivity);
        watch = new NetworkWatch(application, new Handler(Looper.getMainLooper()), told::add);
    }

    private NetworkFacts last() {
        shadowOf(Looper.getMainLooper()).idle();
        return told.get(told.size() - 1);
    }

    // Up to API 22.

    @SuppressWarnings("deprecation")
    private void info(int type, boolean connected) {
        NetworkInfo.State state = connected ? NetworkInfo.State.CONNECTED : NetworkInfo.State.DISCONNECTED;
        system.setActiveNetworkInfo(
                ShadowNetworkInfo.newInstance(null, type, 0, connected, state));
        application.sendBroadcast(new Intent(ConnectivityManager.CONNECTIVITY_ACTION));
    }

    @Test
    @SuppressWarnings("deprecation")
    public void oldSystemsAreHeardByBroadcast() {
        Assume.assumeTrue(API < 23);
        system.setActiveNetworkInfo(null);
        watch.start();
        assertEquals(Reach.OFFLINE, last().reach);
        assertNull(last().name);
        info(ConnectivityManager.TYPE_WIFI, true);
        assertEquals("they do not know whether the internet is behind", Reach.UNKNOWN, last().reach);
        String wifi = last().name;
        assertNotNull(wifi);
        info(ConnectivityManager.TYPE_MOBILE, true);
        assertNotEquals(wifi, last().name);
        int before = told.size();
        info(ConnectivityManager.TYPE_MOBILE, true);
        last();
        assertEquals("told once", before, told.size());
        info(ConnectivityManager.TYPE_MOBILE, false);
        assertEquals(Reach.OFFLINE, last().reach);
        watch.stop();
        info(ConnectivityManager.TYPE_WIFI, true);
        assertEquals(Reach.OFFLINE, last().reach);
    }

    // From API 23 on.

    private NetworkCapabilities capabilities(int transport, int... all) {
        NetworkCapabilities capabilities = ShadowNetworkCapabilities.newInstance();
        shadowOf(capabilities).addTransportType(transport);
        // A new one has what most networks have.
        shadowOf(capabilities).removeCapability(NetworkCapabilities.NET_CAPABILITY_NOT_METERED);
        if (API >= 28) {
            shadowOf(capabilities).addCapability(NetworkCapabilities.NET_CAPABILITY_NOT_ROAMING);
        }
        for (int one : all) {
            shadowOf(capabilities).addCapability(one);
        }
        return capabilities;
    }

    private static LinkProperties link(String name) {
        LinkProperties link = ReflectionHelpers.callConstructor(LinkProperties.class);
        link.setInterfaceName(name);
        return link;
    }

    private NetworkFacts of(NetworkCapabilities capabilities, LinkProperties link) {
        return NetworkReaderApi23.facts(capabilities, link, false);
    }

    @Test
    public void capabilitiesTellReachAndCost() {
        Assume.assumeTrue(API >= 23);
        int wifi = NetworkCapabilities.TRANSPORT_WIFI;
        int free = NetworkCapabilities.NET_CAPABILITY_NOT_METERED;
        NetworkFacts online = of(capabilities(wifi, free, NetworkCapabilities.NET_CAPABILITY_VALIDATED), link("wlan0"));
        assertEquals(Reach.ONLINE, online.reach);
        assertFalse(online.metered);
        NetworkFacts portal = of(capabilities(wifi, free, NetworkCapabilities.NET_CAPABILITY_VALIDATED,
                NetworkCapabilities.NET_CAPABILITY_CAPTIVE_PORTAL), link("wlan0"));
        assertEquals(Reach.CAPTIVE, portal.reach);
        NetworkFacts untried = of(capabilities(wifi), link("wlan0"));
        assertEquals(Reach.UNKNOWN, untried.reach);
        assertTrue(untried.metered);
        assertNotEquals(online.name, of(capabilities(wifi), link("wlan1")).name);
        assertEquals(of(capabilities(NetworkCapabilities.TRANSPORT_CELLULAR), link("rmnet0")).name,
                of(capabilities(NetworkCapabilities.TRANSPORT_CELLULAR), link("rmnet1")).name);
    }

    @Test
    public void roamingCosts() {
        Assume.assumeTrue(API >= 23);
        NetworkCapabilities abroad = capabilities(NetworkCapabilities.TRANSPORT_CELLULAR,
                NetworkCapabilities.NET_CAPABILITY_NOT_METERED);
        assertFalse(of(abroad, link("rmnet0")).metered);
        if (API >= 28) {
            shadowOf(abroad).removeCapability(NetworkCapabilities.NET_CAPABILITY_NOT_ROAMING);
            assertTrue(of(abroad, link("rmnet0")).metered);
        } else {
            assertTrue(NetworkReaderApi23.facts(abroad, link("rmnet0"), true).metered);
        }
    }

    @Test
    public void newSystemsAreHeardByCallback() {
        Assume.assumeTrue(API >= 24);
        system.setDefaultNetworkActive(true);
        watch.start();
        assertEquals("told at the start", 1, told.size());
        assertEquals(1, system.getNetworkCallbacks().size());
        ConnectivityManager.NetworkCallback callback = system.getNetworkCallbacks().iterator().next();
        Network home = ShadowNetwork.newInstance(7);
        Network other = ShadowNetwork.newInstance(8);
        NetworkCapabilities portal = capabilities(NetworkCapabilities.TRANSPORT_WIFI,
                NetworkCapabilities.NET_CAPABILITY_CAPTIVE_PORTAL);
        NetworkCapabilities good = capabilities(NetworkCapabilities.TRANSPORT_WIFI,
                NetworkCapabilities.NET_CAPABILITY_VALIDATED);
        int before = told.size();
        callback.onCapabilitiesChanged(home, portal);
        assertEquals("half a network is not told", before, told.size());
        callback.onLinkPropertiesChanged(home, link("wlan0"));
        assertEquals(Reach.CAPTIVE, last().reach);
        String name = last().name;
        callback.onCapabilitiesChanged(home, good);
        assertEquals(Reach.ONLINE, last().reach);
        assertEquals("it is the same network", name, last().name);
        callback.onCapabilitiesChanged(other, good);
        callback.onLinkPropertiesChanged(other, link("eth0"));
        assertNotEquals(name, last().name);
        callback.onLost(home);
        assertEquals("the one before is no longer the default", Reach.ONLINE, last().reach);
        callback.onLost(other);
        assertEquals(Reach.OFFLINE, last().reach);
        watch.stop();
        watch.stop();
        assertTrue(system.getNetworkCallbacks().isEmpty());
        callback.onLinkPropertiesChanged(home, link("wlan0"));
        callback.onCapabilitiesChanged(home, good);
        assertEquals("nothing after the end", Reach.OFFLINE, last().reach);
    }

    @Test
    public void theChargerIsHeard() {
        List<Boolean> plugged = new ArrayList<>();
        Intent battery = new Intent(Intent.ACTION_BATTERY_CHANGED);
        battery.putExtra(BatteryManager.EXTRA_PLUGGED, BatteryManager.BATTERY_PLUGGED_USB);
        application.sendStickyBroadcast(battery);
        PowerWatch power = new PowerWatch(application, new Handler(Looper.getMainLooper()), plugged::add);
        power.start();
        application.sendBroadcast(new Intent(Intent.ACTION_POWER_DISCONNECTED));
        shadowOf(Looper.getMainLooper()).idle();
        application.sendBroadcast(new Intent(Intent.ACTION_POWER_CONNECTED));
        shadowOf(Looper.getMainLooper()).idle();
        assertEquals("[true, false, true]", plugged.toString());
        power.stop();
        application.sendBroadcast(new Intent(Intent.ACTION_POWER_DISCONNECTED));
        shadowOf(Looper.getMainLooper()).idle();
        assertEquals(3, plugged.size());
    }
}
