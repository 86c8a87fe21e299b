from django.urls import path

from integrations.authentications.oauth import approval, begin, callback

urlpatterns = [
    path("start/", begin.start, name="oauth_start"),
    path("callback/", callback.callback, name="oauth_callback"),
    path("approved/", approval.approved, name="oauth_approved"),
    path("<str:state>/status/", begin.status, name="oauth_status"),
    path("<str:state>/stop/", begin.stop, name="oauth_stop"),
    path("<str:state>/done/", callback.done, name="oauth_done"),
]
