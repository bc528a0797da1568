package io.mtdagent.android;

import android.annotation.TargetApi;
import android.net.ConnectivityManager;
import android.net.LinkProperties;
import android.net.Network;
import android.net.NetworkCapabilities;
import android.net.RouteInfo;
import android.os.Build;
import io.mtdagent.MtdAgent.Reach;
import java.util.TreeSet;

/** The network as systems from API 23 on tell it. */
@TargetApi(23)
final class NetworkReaderApi23 {
    private NetworkReaderApi23() {
    }

    static NetworkFacts read(ConnectivityManager connectivity) {
        Network active = connectivity.getActiveNetwork();
        NetworkCapabilities capabilities = active == null ? null : connectivity.getNetworkCapabilities(active);
        return capabilities == null ? NetworkFacts.NONE
                : facts(capabilities, connectivity.getLinkProperties(active), isRoaming(connectivity));
    }

    static NetworkFacts facts(NetworkCapabilities capabilities, LinkProperties link, boolean roaming) {
        boolean abroad = Build.VERSION.SDK_INT >= 28
                ? !capabilities.hasCapability(NetworkCapabilities.NET_CAPABILITY_NOT_ROAMING) : roaming;
        boolean metered = !capabilities.hasCapability(NetworkCapabilities.NET_CAPABILITY_NOT_METERED) || abroad;
        return new NetworkFacts(reach(capabilities), name(capabilities, link), metered);
    }

    @SuppressWarnings("deprecation")
    static boolean isRoaming(ConnectivityManager connectivity) {
        android.net.NetworkInfo active = connectivity.getActiveNetworkInfo();
        return active != null && active.isRoaming();
    }

    private static Reach reach(NetworkCapabilities capabilities) {
        if (capabilities.hasCapability(NetworkCapabilities.NET_CAPABILITY_CAPTIVE_PORTAL)) {
            return Reach.CAPTIVE;
        }
        return capabilities.hasCapability(NetworkCapabilities.NET_CAPABILITY_VALIDATED)
                ? Reach.ONLINE : Reach.UNKNOWN;
    }

    /** A mobile network is one network; others are told apart by interface, gateways and name servers. */
    private static String name(NetworkCapabilities capabilities, LinkProperties link) {
        if (capabilities.hasTransport(NetworkCapabilities.TRANSPORT_CELLULAR)) {
            return "cellular";
        }
        if (link == null) {
            return null;
        }
        TreeSet<String> gateways = new TreeSet<String>();
        for (RouteInfo route : link.getRoutes()) {
            if (route.isDefaultRoute()) {
                gateways.add(String.valueOf(route.getGateway()));
            }
        }
        TreeSet<String> servers = new TreeSet<String>();
        for (java.net.InetAddress server : link.getDnsServers()) {
            servers.add(server.getHostAddress());
        }
        return link.getInterfaceName() + ' ' + gateways + ' ' + servers + ' ' + link.getDomains();
    }
}
