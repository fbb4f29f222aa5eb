from dispatch.board import urls as board
from dispatch.candidates import urls as candidates
from dispatch.office import urls as office
from dispatch.phone import urls as phone
from dispatch.plans import urls as plans

app_name = "dispatch"
urlpatterns = [
    *candidates.urlpatterns,
    *board.urlpatterns,
    *plans.urlpatterns,
    *office.urlpatterns,
    *phone.urlpatterns,
]
