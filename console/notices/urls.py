from django.urls import path

from console.notices import mailbox_views, views

urlpatterns = [
    path("", views.index, name="notices"),
    path("<int:pk>/", views.show, name="notice"),
    path("dispatches/<int:pk>/send-again/", views.send_again, name="dispatch_send_again"),
    path("mailbox/", mailbox_views.index, name="mailbox"),
    path("mailbox/<str:name>/", mailbox_views.show, name="mailbox_mail"),
    path("mailbox/<str:name>/mail.eml", mailbox_views.download, name="mailbox_download"),
]
