package io.mtdagent.android;

import android.content.Context;
import android.content.pm.PackageManager;
import io.mtdagent.MtdApp;
import io.mtdagent.MtdException;
import io.mtdagent.MtdSensors;
import java.io.File;
import java.util.List;

/** Posture and apps of this Android. Asks for no permission and opens no dialogue. */
final class AndroidSensors implements MtdSensors {
    private final AndroidApps apps;
    private final AndroidPosture posture;
    private final PackageManager packages;

    /** @param signer SHA-256 of the certificate that the partner signs this app with; null: not compared */
    AndroidSensors(Context context, byte[] signer) {
        Context app = context.getApplicationContext();
        apps = new AndroidApps(app);
        packages = app.getPackageManager();
        posture = new AndroidPosture(app, signer, new File("/"));
    }

    @Override
    public Posture posture() throws MtdException {
        return posture.read();
    }

    @Override
    public List<MtdApp> apps() throws MtdException {
        return apps.read();
    }

    @Override
    public byte[] hash(String id) throws MtdException {
        return AppHash.of(packages, id);
    }
}
