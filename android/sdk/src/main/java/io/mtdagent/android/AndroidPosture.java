package io.mtdagent.android;

import android.annotation.SuppressLint;
import android.app.KeyguardManager;
import android.app.admin.DevicePolicyManager;
import android.content.Context;
import android.content.pm.PackageInfo;
import android.content.pm.PackageManager;
import android.os.Build;
import android.os.Debug;
import android.provider.Settings;
import io.mtdagent.MtdSensors.Posture;
import java.io.File;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Arrays;
import java.util.List;

/** What the device is, and what is wrong with its settings. A reading that fails is unknown, which is not "no". */
final class AndroidPosture {
    private static final String PLATFORM = "android";
    private static final String CA_STORE = "AndroidCAStore";
    private static final String BY_THE_USER = "user:";

    private final Context context;
    private final byte[] signer;
    private final Traces traces;

    /** @param root where the system's files begin */
    AndroidPosture(Context context, byte[] signer, File root) {
        this.context = context;
        this.signer = signer == null ? null : signer.clone();
        traces = new Traces(root);
    }

    Posture read() {
        List<String> findings = new ArrayList<String>();
        List<String> unknown = new ArrayList<String>();
        for (Reading reading : Reading.values()) {
            Boolean answer = answer(reading);
            if (answer == null) {
                unknown.add(reading.name());
            } else if (answer) {
                findings.add(reading.name());
            }
        }
        String patch = Build.VERSION.SDK_INT >= 23 ? PostureApi23.patchLevel() : null;
        return new Posture(PLATFORM, Build.VERSION.RELEASE, Build.MODEL, patch, findings, unknown);
    }

    private Boolean answer(Reading reading) {
        try {
            return reading.of(this);
        } catch (IOException failed) {
            return null;
        } catch (GeneralSecurityException failed) {
            return null;
        } catch (RuntimeException failed) {
            return null;
        }
    }

    /** What is looked for, by the names of classifications. An answer is yes, no, or null where it is not known. */
    private enum Reading {
        ROOT_JAILBREAK {
            @Override
            Boolean of(AndroidPosture device) throws IOException {
                return device.traces.ofRoot();
            }
        },
        ACCESS_CONTROL_VIOLATION {
            @Override
            Boolean of(AndroidPosture device) throws IOException {
                return Debug.isDebuggerConnected() || device.traces.ofTracer() || device.traces.ofHooks();
            }
        },
        APP_TAMPERING {
            @Override
            Boolean of(AndroidPosture device) {
                return device.isSignedByAnother();
            }
        },
        EMULATOR {
            @Override
            Boolean of(AndroidPosture device) {
                return device.traces.ofEmulator();
            }
        },
        NO_DEVICE_LOCK {
            @Override
            Boolean of(AndroidPosture device) {
                KeyguardManager guard = (KeyguardManager) device.context.getSystemService(Context.KEYGUARD_SERVICE);
                if (guard == null) {
                    return null;
                }
                return !(Build.VERSION.SDK_INT >= 23 ? PostureApi23.isSecure(guard) : guard.isKeyguardSecure());
            }
        },
        UNENCRYPTED {
            @Override
            Boolean of(AndroidPosture device) {
                return device.isUnencrypted();
            }
        },
        DEVELOPER_MODE_ENABLED {
            @Override
            Boolean of(AndroidPosture device) {
                return device.isOn(Settings.Secure.DEVELOPMENT_SETTINGS_ENABLED);
            }
        },
        USB_DEBUGGING_ENABLED {
            @Override
            Boolean of(AndroidPosture device) {
                return device.isOn(Settings.Secure.ADB_ENABLED);
            }
        },
        UNKNOWN_SOURCES_ENABLED {
            @Override
            Boolean of(AndroidPosture device) {
                // From API 26 each app is allowed by itself, and no app may ask about another.
                return Build.VERSION.SDK_INT >= 26 ? null
                        : device.secure(Settings.Secure.INSTALL_NON_MARKET_APPS) != 0;
            }
        },
        USER_CA_INSTALLED {
            @Override
            Boolean of(AndroidPosture device) throws IOException, GeneralSecurityException {
                KeyStore store = KeyStore.getInstance(CA_STORE);
                store.load(null);
                for (String alias : Collections.list(store.aliases())) {
                    if (alias.startsWith(BY_THE_USER)) {
                        return true;
                    }
                }
                return false;
            }
        };

        abstract Boolean of(AndroidPosture device) throws IOException, GeneralSecurityException;
    }

    /** Not compared where the partner named no certificate. */
    @SuppressLint("PackageManagerGetSignatures")
    private Boolean isSignedByAnother() {
        if (signer == null) {
            return false;
        }
        try {
            PackageInfo own = context.getPackageManager().getPackageInfo(context.getPackageName(),
                    Build.VERSION.SDK_INT >= 28 ? AppsApi28.SIGNERS : PackageManager.GET_SIGNATURES);
            for (byte[] sha256 : Signers.sha256(own)) {
                if (Arrays.equals(sha256, signer)) {
                    return false;
                }
            }
            return true;
        } catch (PackageManager.NameNotFoundException failed) {
            return null;
        }
    }

    private Boolean isUnencrypted() {
        DevicePolicyManager policy =
                (DevicePolicyManager) context.getSystemService(Context.DEVICE_POLICY_SERVICE);
        if (policy == null) {
            return null;
        }
        switch (policy.getStorageEncryptionStatus()) {
            case DevicePolicyManager.ENCRYPTION_STATUS_UNSUPPORTED:
            case DevicePolicyManager.ENCRYPTION_STATUS_INACTIVE:
            case DevicePolicyManager.ENCRYPTION_STATUS_ACTIVATING:
                return true;
            case DevicePolicyManager.ENCRYPTION_STATUS_ACTIVE:
            case DevicePolicyManager.ENCRYPTION_STATUS_ACTIVE_DEFAULT_KEY:
            case DevicePolicyManager.ENCRYPTION_STATUS_ACTIVE_PER_USER:
                return false;
            default:
                return null;
        }
    }

    /** A switch that was never touched is off. The names are those of both tables. */
    private boolean isOn(String name) {
        return (Build.VERSION.SDK_INT >= 17 ? PostureApi17.global(context, name) : secure(name)) != 0;
    }

    private int secure(String name) {
        return Settings.Secure.getInt(context.getContentResolver(), name, 0);
    }
}
